package io.adamant.base;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What this process may use of its machine, which is often less than the machine has: processors
 * and memory, as affinity, control groups (both versions, nested ones too), a scheduler and the
 * user grant them.
 *
 * @param root of the file system, another one for a test
 * @param environment the environment's variables
 * @param processors that the Java machine sees: those of the affinity
 */
public record Granted(Path root, Map<String, String> environment, int processors) {

  private static final List<String> VARIABLES = List.of("SLURM_CPUS_PER_TASK", "OMP_NUM_THREADS");
  private static final Pattern COUNT = Pattern.compile("\\s*([1-9][0-9]{0,5})\\s*(,.*)?");
  private static final Pattern AMOUNT = Pattern.compile("[0-9]{1,18}");

  /** Copies the variables. */
  public Granted {
    environment = Map.copyOf(environment);
  }

  /**
   * What this process may use.
   *
   * @return read anew at each question
   */
  public static Granted here() {
    return new Granted(Path.of("/"), System.getenv(), Runtime.getRuntime().availableProcessors());
  }

  /**
   * Threads that may compute at the same time.
   *
   * @return the smallest of the affinity, the quotas of all control groups around this process,
   *     {@code SLURM_CPUS_PER_TASK} and {@code OMP_NUM_THREADS}; at least 1
   */
  public int threads() {
    int threads = processors;
    for (String variable : VARIABLES) {
      Matcher count = COUNT.matcher(environment.getOrDefault(variable, ""));
      if (count.matches()) {
        threads = Math.min(threads, Integer.parseInt(count.group(1)));
      }
    }
    for (Path group : groups("")) {
      threads = Math.min(threads, quota(text(group.resolve("cpu.max")).split("\\s+", -1)));
    }
    for (Path group : groups("cpu")) {
      String[] quota = {
        text(group.resolve("cpu.cfs_quota_us")), text(group.resolve("cpu.cfs_period_us"))
      };
      threads = Math.min(threads, quota(quota));
    }
    return Math.max(1, threads);
  }

  /**
   * Memory that may be used in all.
   *
   * @return bytes: the machine's or, if smaller, the smallest limit of the control groups around
   *     this process; empty if not even the former is known
   */
  public OptionalLong memory() {
    return limited(machine("MemTotal"), false);
  }

  /**
   * Memory that can still be had.
   *
   * @return bytes: what the machine has left or, if less, the least that a control group around
   *     this process has left; empty if not even the former is known
   */
  public OptionalLong free() {
    return limited(machine("MemAvailable"), true);
  }

  private OptionalLong limited(OptionalLong machine, boolean left) {
    if (machine.isEmpty()) {
      return machine;
    }
    long least = machine.getAsLong();
    for (Path group : groups("")) {
      least = Math.min(least, left(group, "memory.max", "memory.current", "inactive_file", left));
    }
    for (Path group : groups("memory")) {
      String usage = "memory.usage_in_bytes";
      String file = "memory.limit_in_bytes";
      least = Math.min(least, left(group, file, usage, "total_inactive_file", left));
    }
    return OptionalLong.of(Math.max(0, least));
  }

  /** The limit of a group, less what it uses and could not give back by dropping cached files. */
  private long left(Path group, String limit, String usage, String cache, boolean less) {
    OptionalLong most = amount(text(group.resolve(limit)));
    if (most.isEmpty() || !less) {
      return most.orElse(Long.MAX_VALUE);
    }
    Matcher cached =
        Pattern.compile("(?m)^" + cache + " ([0-9]{1,18})$")
            .matcher(text(group.resolve("memory.stat")));
    long droppable = cached.find() ? Long.parseLong(cached.group(1)) : 0;
    return most.getAsLong() - amount(text(group.resolve(usage))).orElse(0) + droppable;
  }

  private static int quota(String[] quotaAndPeriod) {
    if (quotaAndPeriod.length != 2) {
      return Integer.MAX_VALUE;
    }
    OptionalLong quota = amount(quotaAndPeriod[0]);
    OptionalLong period = amount(quotaAndPeriod[1]);
    if (quota.isEmpty() || period.isEmpty() || period.getAsLong() == 0) {
      return Integer.MAX_VALUE;
    }
    // Part of a processor more is used by a thread of its own, as Java itself counts.
    long threads = (quota.getAsLong() + period.getAsLong() - 1) / period.getAsLong();
    return (int) Math.max(1, Math.min(threads, Integer.MAX_VALUE));
  }

  private static OptionalLong amount(String text) {
    return AMOUNT.matcher(text).matches()
        ? OptionalLong.of(Long.parseLong(text))
        : OptionalLong.empty(); // "max", -1, or no such file
  }

  private OptionalLong machine(String name) {
    Matcher line =
        Pattern.compile("(?m)^" + name + ":\\s+([0-9]{1,15}) kB")
            .matcher(text(root.resolve("proc/meminfo")));
    return line.find()
        ? OptionalLong.of(Long.parseLong(line.group(1)) * 1024)
        : OptionalLong.empty();
  }

  /**
   * The folders of this process's own group and of those around it, as far as they are mounted.
   *
   * @param controller of version 1, or empty for the one tree of version 2
   */
  private List<Path> groups(String controller) {
    String own = own(controller);
    List<Path> groups = new ArrayList<>();
    for (String line : text(root.resolve("proc/self/mountinfo")).lines().toList()) {
      String[] halves = line.split(" - ", 2);
      String[] left = halves[0].split(" ", -1);
      String[] right = halves.length < 2 ? new String[0] : halves[1].split(" ", -1);
      if (left.length < 5 || right.length < 3 || !isTree(controller, right)) {
        continue;
      }
      Path mount = root.resolve(left[4].substring(1));
      // A container may see its own group as the mount's root, named from outside or as "/".
      String tree = left[3].equals("/") ? "" : left[3];
      boolean below = own.startsWith(tree + "/") && !own.contains("..");
      Path group = below ? mount.resolve(own.substring(tree.length() + 1)) : mount;
      for (Path each = group; each.startsWith(mount); each = each.getParent()) {
        groups.add(each);
      }
      break;
    }
    return groups;
  }

  private static boolean isTree(String controller, String[] system) {
    return controller.isEmpty()
        ? system[0].equals("cgroup2")
        : system[0].equals("cgroup") && List.of(system[2].split(",", -1)).contains(controller);
  }

  private String own(String controller) {
    for (String line : text(root.resolve("proc/self/cgroup")).lines().toList()) {
      String[] parts = line.split(":", 3); // number, controllers, path
      if (parts.length == 3 && List.of(parts[1].split(",", -1)).contains(controller)) {
        return parts[2];
      }
    }
    return "/";
  }

  private static String text(Path file) {
    try {
      return Files.readString(file).strip();
    } catch (IOException e) {
      return ""; // not Linux, or another version of control groups
    }
  }
}
