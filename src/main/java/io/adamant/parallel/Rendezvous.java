package io.adamant.parallel;

import io.adamant.base.InputException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where ranks meet that no MPI introduces to each other: all of them find the same in what their
 * launcher has set.
 *
 * @param host rank 0's
 * @param port on which it listens
 * @param token that tells the ranks of one start from those of another; no secret
 */
record Rendezvous(String host, int port, String token) {

  /** Environment variable with the port, where the one that is derived is taken. */
  static final String PORT = "ADAMANT_PORT";

  private static final int FIRST = 20_000; // of the ports that a job of Slurm may get
  private static final int PORTS = 20_000;
  private static final Pattern RANGES = Pattern.compile("\\[([^\\]]*)]");

  /**
   * Reads an environment.
   *
   * <ul>
   *   <li>Host: {@code MASTER_ADDR}; of a step of Slurm else the first of its nodes, since that is
   *       where its task 0 is.
   *   <li>Port: {@value #PORT}; else {@code MASTER_PORT} + 1, since torchrun's own store is on that
   *       one; of a step of Slurm else one of 20000 to 39999 by its number.
   * </ul>
   *
   * @return empty if it does not tell
   * @throws InputException if a port is none
   */
  static Optional<Rendezvous> of(RankEnvironment ranks, Map<String, String> environment) {
    boolean slurm = ranks.launcher() == RankEnvironment.Launcher.SRUN;
    String step =
        environment.getOrDefault("SLURM_JOB_ID", "")
            + "."
            + environment.getOrDefault("SLURM_STEP_ID", "");
    String host = environment.getOrDefault("MASTER_ADDR", "").strip();
    if (host.isEmpty() && slurm) {
      host =
          nodes(environment.getOrDefault("SLURM_STEP_NODELIST", "")).stream()
              .findFirst()
              .orElse("");
    }
    int port = port(environment, PORT, 0);
    if (port == 0) {
      port = port(environment, "MASTER_PORT", 1);
    }
    if (port == 0 && slurm) {
      port = FIRST + Math.floorMod(step.hashCode(), PORTS);
    }
    if (host.isEmpty() || port == 0) {
      return Optional.empty();
    }
    String run = environment.getOrDefault("TORCHELASTIC_RUN_ID", "");
    if (!run.isEmpty()) {
      run += "." + environment.getOrDefault("TORCHELASTIC_RESTART_COUNT", "0");
    } else if (slurm) {
      run = step;
    }
    return Optional.of(new Rendezvous(host, port, run.isEmpty() ? "" : sha256(run)));
  }

  /** 0 where the variable is not set. */
  private static int port(Map<String, String> environment, String variable, int added) {
    String text = environment.getOrDefault(variable, "").strip();
    if (text.isEmpty()) {
      return 0;
    }
    int most = 65_535 - added;
    int port = text.matches("\\d{1,5}") ? Integer.parseInt(text) : 0;
    if (port < 1 || port > most) {
      throw new InputException(
          "the environment's %s is %s; a port from 1 to %s is expected%s"
              .formatted(
                  variable,
                  text,
                  most,
                  added > 0 ? ", since the next one is used; or set " + PORT : ""));
    }
    return port + added;
  }

  private static String sha256(String text) {
    try {
      return HexFormat.of()
          .formatHex(
              MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  /**
   * The nodes of a list as Slurm writes it.
   *
   * @param list such as {@code login,n[01-03,7]-ib}
   * @return such as login, n01-ib, n02-ib, n03-ib, n7-ib
   */
  static List<String> nodes(String list) {
    List<String> nodes = new ArrayList<>();
    int depth = 0;
    int begin = 0;
    for (int i = 0; i <= list.length(); i++) {
      char c = i == list.length() ? ',' : list.charAt(i);
      depth += c == '[' ? 1 : c == ']' ? -1 : 0;
      if (c == ',' && (depth == 0 || i == list.length())) {
        expand(list.substring(begin, i).strip(), nodes);
        begin = i + 1;
      }
    }
    return nodes;
  }

  private static void expand(String word, List<String> nodes) {
    Matcher ranges = RANGES.matcher(word);
    if (!ranges.find()) {
      if (!word.isEmpty()) {
        nodes.add(word);
      }
      return;
    }
    for (String range : ranges.group(1).split(",", -1)) {
      String[] ends = range.split("-", 2);
      String first = ends[0].strip();
      String last = ends[ends.length - 1].strip();
      if (!first.matches("\\d{1,9}") || !last.matches("\\d{1,9}")) {
        throw new InputException("the environment's list of nodes cannot be read: " + word);
      }
      for (int number = Integer.parseInt(first); number <= Integer.parseInt(last); number++) {
        String padded = ("%0" + first.length() + "d").formatted(number);
        expand(word.substring(0, ranges.start()) + padded + word.substring(ranges.end()), nodes);
      }
    }
  }
}
