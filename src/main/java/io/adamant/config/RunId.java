package io.adamant.config;

import io.adamant.base.Sha256;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The identity of a run: what decides its trajectory and its results, and nothing else.
 *
 * <p>Two configurations with one identity give the same run, so a finished run need not be
 * repeated.
 */
public final class RunId {
  private static final Pattern SHA256 = Pattern.compile("[0-9a-f]{64}");
  private static final int LENGTH = 12;

  private RunId() {}

  /**
   * The identity: the first 12 hexadecimal digits of the SHA-256 of a canonical JSON text with the
   * settings in alphabetical order, the data's hash and the version of the numerics.
   *
   * @param run the resolved run. The optimizer's own settings count as they are given here: fill in
   *     those left to default first, or {@code beta1: 0.95} and its absence are two runs
   * @param dataSha256 SHA-256 over the tokens of both the training and the validation set, 64 lower
   *     case hexadecimal digits
   * @param numericsVersion raised whenever a change of the code changes trajectories
   * @return 12 lower case hexadecimal digits
   * @throws IllegalArgumentException if {@code dataSha256} is not a SHA-256
   */
  public static String of(RunConfig run, String dataSha256, int numericsVersion) {
    String text = json(settings(run, dataSha256, numericsVersion));
    return new Sha256().add(text).hex().substring(0, LENGTH);
  }

  /**
   * What the identity is made of, to say what two runs differ in.
   *
   * @param run the resolved run
   * @param dataSha256 as for {@link #of}
   * @param numericsVersion as for {@link #of}
   * @return key to value, in alphabetical order
   * @throws IllegalArgumentException if {@code dataSha256} is not a SHA-256
   */
  public static Map<String, String> settings(
      RunConfig run, String dataSha256, int numericsVersion) {
    if (!SHA256.matcher(dataSha256).matches()) {
      throw new IllegalArgumentException(
          "dataSha256 must be 64 lower case hexadecimal digits, found: " + dataSha256);
    }
    Map<String, String> canonical = new TreeMap<>(Configs.flatten(run));
    for (KeySpec key : RunCodec.keys()) {
      Key.OlderRuns older = key.component().getAnnotation(Key.OlderRuns.class);
      if (key.component().isAnnotationPresent(Key.OutsideId.class)
          || (older != null && older.value().equals(canonical.get(key.dotted())))) {
        canonical.remove(key.dotted());
      }
    }
    // What a device has room for is no part of the identity, like its kernels.
    String largest = Integer.toString(run.training().largestMicroBatch());
    canonical.replace("training.micro_batch", "auto", largest);
    if (run.training().reduction() == Reduction.SEQUENTIAL) {
      canonical.remove("training.leaves"); // there are none
    }
    canonical.put("data_sha256", dataSha256);
    canonical.put("numerics_version", Integer.toString(numericsVersion));
    return canonical;
  }

  private static String json(Map<String, String> map) {
    return map.entrySet().stream()
        .map(entry -> quoted(entry.getKey()) + ":" + quoted(entry.getValue()))
        .collect(Collectors.joining(",", "{", "}"));
  }

  private static String quoted(String text) {
    return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }
}
