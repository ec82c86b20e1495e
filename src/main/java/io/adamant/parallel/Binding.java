package io.adamant.parallel;

import com.sun.jna.Function;
import com.sun.jna.Memory;
import com.sun.jna.NativeLibrary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The processors that a rank may use. OpenMPI's mpirun binds each of two ranks to one core unless
 * it is told otherwise, which is meant for programs of one thread; here each rank then takes its
 * share of the processors that mpirun itself has. A binding that was asked for stays.
 */
final class Binding {

  private static final Path PROCESSES = Path.of("/proc");

  private Binding() {}

  /** Widens the binding of this process's threads, if it was nobody's wish. */
  static void widen(RankEnvironment environment, Map<String, String> variables) {
    boolean byDefault =
        "1".equals(variables.get("OMPI_MCA_orte_bound_at_launch"))
            && !variables.containsKey("OMPI_MCA_hwloc_base_binding_policy");
    long parent = ProcessHandle.current().parent().map(ProcessHandle::pid).orElse(0L);
    if (!byDefault || environment.localSize() == 0 || parent == 0) {
      return;
    }
    List<Integer> all = allowed(PROCESSES.resolve(parent + "/status"));
    List<Integer> share = share(all, environment.localRank(), environment.localSize());
    if (share.size() > allowed(PROCESSES.resolve("self/status")).size()) {
      bind(share);
    }
  }

  /** Neighbouring processors for one of several ranks; none where there are more ranks. */
  static List<Integer> share(List<Integer> all, int rank, int size) {
    int each = all.size() / size;
    return rank < size ? all.subList(rank * each, (rank + 1) * each) : List.of();
  }

  /** Processors of a line such as {@code Cpus_allowed_list: 0-3,8}. */
  static List<Integer> processors(String list) {
    List<Integer> found = new ArrayList<>();
    for (String range : list.strip().split(",", -1)) {
      String[] ends = range.split("-", -1);
      if (!ends[0].isEmpty()) {
        int first = Integer.parseInt(ends[0]);
        int last = Integer.parseInt(ends[ends.length - 1]);
        IntStream.rangeClosed(first, last).forEach(found::add);
      }
    }
    return found;
  }

  private static List<Integer> allowed(Path status) {
    try {
      return Files.readAllLines(status).stream()
          .filter(line -> line.startsWith("Cpus_allowed_list:"))
          .findFirst()
          .map(line -> processors(line.replaceFirst("^[^:]*:", "")))
          .orElse(List.of());
    } catch (IOException e) {
      return List.of(); // not Linux, or no longer there
    }
  }

  /** All threads that there are; those that they start inherit it. */
  private static void bind(List<Integer> processors) {
    int bytes = (processors.stream().mapToInt(p -> p).max().orElse(0) / Long.SIZE + 1) * Long.BYTES;
    Function set = NativeLibrary.getProcess().getFunction("sched_setaffinity");
    try (Memory mask = new Memory(bytes);
        Stream<Path> threads = Files.list(PROCESSES.resolve("self/task"))) {
      mask.clear();
      for (int processor : processors) {
        long word = (long) processor / Long.SIZE * Long.BYTES;
        mask.setLong(word, mask.getLong(word) | 1L << processor % Long.SIZE);
      }
      for (Path thread : threads.toList()) {
        int id = Integer.parseInt(thread.getFileName().toString());
        set.invokeInt(new Object[] {id, (long) bytes, mask}); // one that has ended is no loss
      }
    } catch (IOException e) {
      return; // stays bound, and slower
    }
  }
}
