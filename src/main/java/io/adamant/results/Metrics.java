package io.adamant.results;

import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import io.adamant.base.InputException;
import io.adamant.base.Json;
import io.adamant.base.StorageException;
import io.adamant.stats.Curve;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What {@code metrics.jsonl} recorded, one curve over steps a key.
 *
 * <p>Keys are those of the file; what is measured by parameter group has dotted keys such as {@code
 * groups.all.update_rms}, see {@link #group}; an element of an array has its index as the last part
 * of its key. A truth value is 0 or 1, null is NaN. Keys that this version does not know are kept,
 * so newer measurements can be read.
 *
 * <p>The last line is ignored where it is torn, that is, no complete object. Where the file goes
 * back to an earlier step, as after a run that was continued from a checkpoint, the later lines
 * count.
 */
public final class Metrics {
  /** Steps done, from 1. */
  public static final String STEP = "step";

  /** Tokens seen so far. */
  public static final String TOKENS = "tokens";

  /** Learning rate of the step. */
  public static final String LEARNING_RATE = "lr";

  /** Mean cross-entropy of a batch before its update, nats per token. */
  public static final String TRAIN_LOSS = "train_loss";

  /** Mean cross-entropy on the validation set, nats per token; on evaluation steps. */
  public static final String VAL_LOSS = "val_loss";

  /** Key of the same in bits per byte of text. */
  public static final String VAL_BITS_PER_BYTE = "val_bits_per_byte";

  /** The same loss of the weights that the run reads out beside those that it trains. */
  public static final String READOUT_VAL_LOSS = "readout_val_loss";

  /** Global norm of the gradient before clipping. */
  public static final String GRADIENT_NORM = "grad_norm";

  /** Training throughput. */
  public static final String TOKENS_PER_SECOND = "tokens_per_s";

  /** Whether the guard left the step out. */
  public static final String SKIPPED = "skipped";

  /** Factor by which clipping by norm shortened the gradient. */
  public static final String CLIP_SCALE = "clip_scale";

  /** Share of the gradient's coordinates that clipping limited. */
  public static final String CLIPPED_COORDINATES = "clipped_coordinates";

  /** Share of the momentum's coordinates that clipping limited. */
  public static final String CLIPPED_MOMENTUM = "clipped_momentum";

  /** What fresh gradients say about the loss along the step. */
  public static final String PROBE = "probe";

  /** Slope of the loss along the step. */
  public static final String SLOPE = "slope";

  /** Curvature of the loss along the step over the squared length of the update. */
  public static final String SHARPNESS = "sharpness";

  /** Curvature that the gradient sees. */
  public static final String GRADIENT_CURVATURE = "gradient_curvature";

  /** Curvature that its noise sees. */
  public static final String NOISE_CURVATURE = "noise_curvature";

  /** Noise scale that weighs directions by their curvature, sequences. */
  public static final String NOISE_SCALE_CURVED = "noise_scale_curved";

  /** Learning rate that would lower the loss most, were it quadratic along the step. */
  public static final String ETA_STAR = "eta_star";

  /** A text that the model continued; goes to a file of its own. */
  public static final String SAMPLE = "sample";

  /** Answers to multiple-choice questions; below it {@link #ACCURACY} and the like. */
  public static final String TASK = "task";

  /** Share of questions whose right choice has the largest log-likelihood. */
  public static final String ACCURACY = "accuracy";

  /** The same of log-likelihood over length. */
  public static final String ACCURACY_BY_LENGTH = "accuracy_by_length";

  /** A number, beside its {@link #STANDARD_ERROR}. */
  public static final String VALUE = "value";

  /** Standard error of {@link #VALUE}. */
  public static final String STANDARD_ERROR = "standard_error";

  /** What is measured by group of parameters. */
  public static final String GROUPS = "groups";

  /** What is measured by tensor. */
  public static final String TENSORS = "tensors";

  /** The group of all parameters. */
  public static final String ALL = "all";

  /** RMS of the direction that the learning rate multiplies. */
  public static final String UPDATE_RMS = "update_rms";

  /** Its self-consistent prediction. */
  public static final String UPDATE_RMS_PREDICTED = "update_rms_predicted";

  /** Its parameter-free prediction on pure noise. */
  public static final String UPDATE_RMS_FREE = "update_rms_free";

  /** Its prediction from fresh gradients. */
  public static final String UPDATE_RMS_INDEPENDENT = "update_rms_independent";

  /** Measured over predicted from fresh gradients, minus 1. */
  public static final String UPDATE_RMS_RESIDUAL = "update_rms_residual";

  /** RMS of the weights. */
  public static final String WEIGHT_RMS = "weight_rms";

  /** Its prediction on pure noise. */
  public static final String WEIGHT_RMS_PREDICTED = "weight_rms_predicted";

  /** Its prediction with the fresh gradients' signal. */
  public static final String WEIGHT_RMS_SIGNAL = "weight_rms_signal";

  /** Signal-to-noise ratio of the gradient, from the optimizer's momentum. */
  public static final String SNR = "snr";

  /** The same from micro-batches. */
  public static final String SNR_MICRO = "snr_micro";

  /** The same from fresh batches. */
  public static final String SNR_PROBE = "snr_probe";

  /** The same from the run's own kind of fresh gradients. */
  public static final String SNR_INDEPENDENT = "snr_independent";

  /** Batch at which signal and noise balance, from momentum, sequences. */
  public static final String NOISE_SCALE = "noise_scale";

  /** The same from fresh gradients. */
  public static final String NOISE_SCALE_INDEPENDENT = "noise_scale_independent";

  /** Share of coordinates whose momentum changed its sign in the step. */
  public static final String SIGN_FLIPS = "sign_flips";

  /** The share on white Gaussian noise. */
  public static final String SIGN_FLIPS_PREDICTED = "sign_flips_predicted";

  /** Update over weight, radians per step. */
  public static final String ANGLE = "angle";

  /** The angle where decay and updates balance. */
  public static final String ANGLE_PREDICTED = "angle_predicted";

  /** Share of coordinates with |m| below their noise. */
  public static final String NOISE_DOMINATED = "noise_dominated";

  /** Mean of 1/√(1 + σ²/m²) over coordinates. */
  public static final String MOLLIFICATION = "mollification";

  /** Histogram of |m|/σ over coordinates. */
  public static final String RATIO_HISTOGRAM = "ratio_histogram";

  /** Part of the residual that is due to changes in time. */
  public static final String FACTOR_TIME = "factor_time";

  /** Part that is due to differences between coordinates. */
  public static final String FACTOR_COORDINATES = "factor_coordinates";

  /** Part that is due to ε. */
  public static final String FACTOR_EPS = "factor_eps";

  /** How much of the signal the last momentum holds. */
  public static final String PERSISTENCE = "persistence";

  /** What gradients of different steps have in common, by group. */
  public static final String MEMORY = "memory";

  /** Gradients that were compared. */
  public static final String REMEMBERED = "remembered";

  /** Coefficient whose average points most along the next gradient. */
  public static final String PREDICTIVE_BETA = "predictive_beta";

  /** Update RMS under other coefficients of momentum, by {@link #beta}. */
  public static final String KERNELS = "kernels";

  /** The same from memory alone, as if coordinates were alike. */
  public static final String UPDATE_RMS_LAGS = "update_rms_lags";

  /** Update RMS of this momentum on white noise. */
  public static final String UPDATE_RMS_WHITE = "update_rms_white";

  /** Part of the update RMS that is due to what gradients share over steps. */
  public static final String FACTOR_MEMORY = "factor_memory";

  /** Part that nothing measured accounts for. */
  public static final String FACTOR_REST = "factor_rest";

  /** Update RMS predicted from earlier steps and other coordinates. */
  public static final String UPDATE_RMS_AHEAD = "update_rms_ahead";

  /** Update RMS of the coordinates that this prediction is for. */
  public static final String UPDATE_RMS_TESTED = "update_rms_tested";

  /** Last step that the prediction knew. */
  public static final String AHEAD_FROM = "ahead_from";

  private static final String BETA = "beta_";

  private static final int TAIL = 1 << 17; // bytes, some hundred lines

  private final Map<String, Column> columns = new LinkedHashMap<>();
  private long lastStep;

  private Metrics() {}

  /**
   * Reads the file.
   *
   * @param file {@code metrics.jsonl}; a missing file is one without lines
   * @return its curves
   * @throws InputException if a line other than a torn last one is no JSON object with a step
   * @throws UncheckedIOException if the file cannot be read
   */
  public static Metrics read(Path file) {
    Metrics metrics = new Metrics();
    if (!Files.isRegularFile(file)) {
      return metrics;
    }
    try (BufferedReader reader = Files.newBufferedReader(file)) {
      int number = 0;
      String line = reader.readLine();
      while (line != null) {
        number++;
        String next = reader.readLine();
        metrics.addLine(line, file + ":" + number, next == null);
        line = next;
      }
      return metrics;
    } catch (IOException e) {
      throw new StorageException("read", file, e);
    }
  }

  /**
   * Reads one number of each line, such as the training loss, much faster than all of them.
   *
   * @param file {@code metrics.jsonl}; a missing file is one without lines
   * @param key of the outermost object
   * @return its curve
   * @throws InputException as {@link #read}
   */
  public static Curve readCurve(Path file, String key) {
    if (!Files.isRegularFile(file)) {
      return Curve.empty();
    }
    Column column = new Column();
    try (InputStream in = Files.newInputStream(file);
        JsonParser parser = Json.MAPPER.createParser(in)) {
      while (parser.nextToken() == JsonToken.START_OBJECT) {
        addNumber(parser, key, column);
      }
      return parser.currentToken() == null ? column.curve() : read(file).curve(key);
    } catch (JsonProcessingException e) {
      return read(file).curve(key); // knows a torn last line from a broken one
    } catch (IOException e) {
      throw new StorageException("read", file, e);
    }
  }

  private static void addNumber(JsonParser parser, String key, Column column) throws IOException {
    long step = 0;
    double value = Double.NaN;
    boolean found = false;
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String name = parser.currentName();
      JsonToken token = parser.nextToken();
      if (name.equals(STEP) && token.isNumeric()) {
        step = parser.getLongValue();
      } else if (name.equals(key)) {
        found = token.isNumeric() || token == JsonToken.VALUE_NULL;
        value = token.isNumeric() ? parser.getDoubleValue() : Double.NaN;
      } else {
        parser.skipChildren();
      }
    }
    if (step == 0) {
      throw new JsonParseException(parser, "no step");
    }
    column.dropFrom(step);
    if (found) {
      column.add(step, value);
    }
  }

  /**
   * Reads the last step that measured groups of parameters, from the end of the file where that
   * tells it. Where the file went back to an earlier step, lines that a later one replaced do not
   * count.
   *
   * @param file {@code metrics.jsonl}; a missing file is one without lines
   * @return at least the numbers of that step
   * @throws InputException as {@link #read}
   */
  static Metrics readLastMeasured(Path file) {
    if (!Files.isRegularFile(file)) {
      return new Metrics();
    }
    try (RandomAccessFile in = new RandomAccessFile(file.toFile(), "r")) {
      byte[] tail = new byte[(int) Math.min(in.length(), TAIL)];
      boolean whole = tail.length == in.length();
      in.seek(in.length() - tail.length);
      in.readFully(tail);
      List<String> lines = new String(tail, StandardCharsets.UTF_8).lines().toList();
      long earliest = Long.MAX_VALUE;
      for (int i = lines.size() - 1; i >= (whole ? 0 : 1); i--) {
        Metrics line = new Metrics();
        line.addLine(lines.get(i), file + ", line -" + (lines.size() - i), i == lines.size() - 1);
        if (line.lastStep < earliest && line.keys().stream().anyMatch(k -> k.startsWith(GROUPS))) {
          return line;
        }
        earliest = line.lastStep == 0 ? earliest : Math.min(earliest, line.lastStep);
      }
    } catch (IOException e) {
      throw new StorageException("read", file, e);
    }
    return read(file);
  }

  /**
   * The key of a measurement by parameter group.
   *
   * @param group {@code all}, {@code embedding}, {@code attention}, {@code mlp}, {@code norm} or
   *     {@code head}
   * @param quantity for example {@code update_rms}
   * @return its key
   */
  public static String group(String group, String quantity) {
    return GROUPS + "." + group + "." + quantity;
  }

  /**
   * The key of what gradients share with those some steps before.
   *
   * @param steps apart
   * @return its key
   */
  public static String lag(int steps) {
    return "lag_" + steps;
  }

  /**
   * The key of a coefficient of momentum.
   *
   * @param beta the coefficient
   * @return its key
   */
  public static String beta(double beta) {
    return BETA + beta;
  }

  /**
   * The coefficient of momentum that a key names.
   *
   * @param key as {@link #beta(double)} makes it
   * @return the coefficient
   */
  public static double beta(String key) {
    return Double.parseDouble(key.substring(BETA.length()));
  }

  /**
   * The key of a measurement of the gradients' memory.
   *
   * @param group as of {@link #group}
   * @param quantity for example {@code factor_memory}
   * @return its key
   */
  public static String memory(String group, String quantity) {
    return MEMORY + "." + group + "." + quantity;
  }

  /**
   * The key of the standard error of an estimate.
   *
   * @param key of the estimate
   * @return its key
   */
  public static String standardError(String key) {
    return key + "_se";
  }

  /**
   * The key of the lower end of an estimate's 95 % interval.
   *
   * @param key of the estimate
   * @return its key
   */
  public static String low(String key) {
    return key + "_low";
  }

  /**
   * The key of the upper end of an estimate's 95 % interval.
   *
   * @param key of the estimate
   * @return its key
   */
  public static String high(String key) {
    return key + "_high";
  }

  /**
   * A curve over steps.
   *
   * @param key for example {@code train_loss}
   * @return its points in order of steps; empty where nothing was recorded
   */
  public Curve curve(String key) {
    return columns.containsKey(key) ? columns.get(key).curve() : Curve.empty();
  }

  /**
   * What was recorded.
   *
   * @return the keys in the order of their first appearance
   */
  public Set<String> keys() {
    return Collections.unmodifiableSet(columns.keySet());
  }

  /**
   * The last step recorded.
   *
   * @return from 1; 0 where nothing was
   */
  public long lastStep() {
    return lastStep;
  }

  private void addLine(String line, String where, boolean last) {
    if (line.isBlank()) {
      return;
    }
    JsonNode node;
    try {
      node = Json.MAPPER.readTree(line);
    } catch (JsonProcessingException e) {
      if (last) {
        return;
      }
      throw new InputException(where + ": not readable as JSON: " + e.getOriginalMessage(), e);
    }
    if (!node.path(STEP).isNumber()) {
      if (last) {
        return;
      }
      throw new InputException(
          where + ": no step; expected: one JSON object per line, with a step");
    }
    long step = node.path(STEP).asLong();
    if (step <= lastStep) {
      columns.values().forEach(column -> column.dropFrom(step));
    }
    lastStep = step;
    addObject("", node, step);
  }

  private void addObject(String prefix, JsonNode node, long step) {
    for (Map.Entry<String, JsonNode> field : node.properties()) {
      String key = prefix + field.getKey();
      JsonNode value = field.getValue();
      if (value.isArray()) {
        for (int i = 0; i < value.size(); i++) {
          addValue(key + "." + i, value.get(i), step);
        }
      } else {
        addValue(key, value, step);
      }
    }
  }

  private void addValue(String key, JsonNode value, long step) {
    if (value.isObject()) {
      addObject(key + ".", value, step);
    } else if (value.isNumber()) {
      add(key, step, value.asDouble());
    } else if (value.isBoolean()) {
      add(key, step, value.asBoolean() ? 1 : 0);
    } else if (value.isNull()) {
      add(key, step, Double.NaN);
    }
  }

  private void add(String key, long step, double value) {
    columns.computeIfAbsent(key, k -> new Column()).add(step, value);
  }

  /** A growing curve. */
  private static final class Column {
    private long[] steps = new long[64];
    private double[] values = new double[64];
    private int size;

    void add(long step, double value) {
      if (size == steps.length) {
        steps = Arrays.copyOf(steps, 2 * size);
        values = Arrays.copyOf(values, 2 * size);
      }
      steps[size] = step;
      values[size] = value;
      size++;
    }

    void dropFrom(long step) {
      while (size > 0 && steps[size - 1] >= step) {
        size--;
      }
    }

    Curve curve() {
      return Curve.of(
          Arrays.stream(steps, 0, size).asDoubleStream().toArray(), Arrays.copyOf(values, size));
    }
  }
}
