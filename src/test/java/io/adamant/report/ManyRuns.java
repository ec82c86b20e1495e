package io.adamant.report;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.adamant.base.Json;
import io.adamant.config.Configs;
import io.adamant.config.OptimizerConfig;
import io.adamant.config.RunConfig;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * A study of the size that a published comparison has, as training writes it: five arms, each a
 * grid of twenty rates and five β2 on three seeds, whose every step measures five groups of
 * parameters and all of them. A loss of one run in ten has a spike; the two largest rates diverge.
 *
 * <pre>{@code
 * java -cp ... io.adamant.report.ManyRuns /tmp/many 1500 500
 * }</pre>
 */
final class ManyRuns {
  static final int RATES = 20;
  static final List<Double> BETAS = List.of(0.9, 0.95, 0.98, 0.99, 0.995);
  static final List<String> ARMS = List.of("adamw", "rmsprop", "signum", "softsign_adam", "lion");
  private static final int SEEDS = 3;

  private final Path root;
  private final int points;

  private ManyRuns(Path root, int points) {
    this.root = root;
    this.points = points;
  }

  /** Writes a study of that many runs, with that many steps each. */
  public static void main(String[] args) {
    write(Path.of(args[0]), Integer.parseInt(args[1]), Integer.parseInt(args[2]));
  }

  static Path write(Path root, int runs, int points) {
    ManyRuns study = new ManyRuns(root, points);
    List<String> yaml = new ArrayList<>();
    yaml.add("name: many\ntitle: Five optimizers at a hundred settings\nruns:");
    IntStream.range(0, runs)
        .forEach(run -> yaml.add("- {arm: " + arm(run) + ", id: '" + id(run) + "'}"));
    StudyFixture.write(root.resolve("study.yaml"), String.join("\n", yaml) + "\n");
    IntStream.range(0, runs).parallel().forEach(study::run);
    return root;
  }

  static boolean spiked(int number) {
    return number % 10 == 3;
  }

  static boolean diverged(int number) {
    return rate(number) >= RATES - 2;
  }

  private static String id(int number) {
    return String.format(Locale.ROOT, "%012x", number);
  }

  private static String arm(int number) {
    return ARMS.get(number / SEEDS % ARMS.size());
  }

  private static int rate(int number) {
    return number / SEEDS / ARMS.size() % RATES;
  }

  private void run(int number) {
    long seed = 1L + number % SEEDS;
    String arm = arm(number);
    double lr = 1e-4 * Math.pow(10, 0.15 * rate(number));
    double beta2 = BETAS.get(number / SEEDS / ARMS.size() / RATES % BETAS.size());
    OptimizerConfig optimizer =
        OptimizerConfig.of(arm.equals("lion") ? "lion" : "adamw", lr, 0.1)
            .with("beta1", 0.9)
            .with("beta2", beta2);
    RunConfig config =
        RunConfig.defaults()
            .with(optimizer)
            .with("training.seed", seed)
            .with("training.steps", points);
    Path directory = root.resolve("runs").resolve(id(number));
    StudyFixture.write(directory.resolve("run.yaml"), Configs.toYaml(config));
    ObjectNode names = Json.MAPPER.createObjectNode();
    names.put("study", "many").put("arm", arm).put("seed", seed);
    names.put("label", arm + " lr=" + lr + " beta2=" + beta2 + " seed=" + seed);
    StudyFixture.write(directory.resolve("arm.json"), names.toString());
    StudyFixture.write(
        directory.resolve("manifest.json"),
        "{\"device\": \"cpu\", \"model\": {\"parameters\": 1900000}}");
    Random random = new Random(number);
    boolean bad = diverged(number);
    double level = 4.8 + 0.1 * Math.pow(rate(number) - 11 + ARMS.indexOf(arm), 2) / 10;
    level += 0.05 * BETAS.indexOf(beta2) + 0.02 * random.nextGaussian();
    int steps = bad ? points / 2 : points;
    StudyFixture.write(
        directory.resolve("metrics.jsonl"), metrics(number, steps, level, lr, random));
    StudyFixture.write(
        directory.resolve("summary.json"),
        StudyFixture.summary(bad ? "diverged" : "finished", bad ? Double.NaN : level, steps));
  }

  private String metrics(int number, int steps, double level, double lr, Random random) {
    StringBuilder text = new StringBuilder(1200 * steps);
    for (int step = 1; step <= steps; step++) {
      double done = (double) step / points;
      double loss = level + (8.3 - level) * Math.exp(-6 * done) + 0.05 * random.nextGaussian();
      if (spiked(number) && step == points / 3) {
        loss += 3;
      }
      if (diverged(number)) {
        loss += Math.exp(20 * (done - 0.45));
      }
      text.append("{\"step\":").append(step).append(",\"tokens\":").append(step * 2048L);
      text.append(",\"lr\":").append(lr * (1 - 0.9 * done)).append(",\"train_loss\":").append(loss);
      text.append(",\"grad_norm\":").append(0.3 + 0.1 * random.nextDouble());
      text.append(",\"tokens_per_s\":").append(11_800 + 100 * random.nextGaussian());
      text.append(",\"skipped\":false");
      if (step % 50 == 0 || step == steps) {
        text.append(",\"val_loss\":").append(level + (8.3 - level) * Math.exp(-6 * done));
      }
      text.append(",\"groups\":{");
      for (String group : StudyFixture.GROUPS) {
        text.append(group.equals("all") ? "\"" : ",\"").append(group).append("\":{");
        double rms = 0.2 + 0.02 * random.nextGaussian();
        text.append("\"update_rms\":").append(rms);
        text.append(",\"update_rms_predicted\":").append(rms * 1.05);
        text.append(",\"update_rms_free\":0.16012815380508713");
        text.append(",\"weight_rms\":").append(0.02 + 0.03 * done);
        text.append(",\"weight_rms_predicted\":").append(0.021 + 0.03 * done);
        text.append(",\"snr\":").append(rms * 0.05).append(",\"noise_scale\":").append(20 / rms);
        text.append('}');
      }
      text.append("}}\n");
    }
    return text.toString();
  }
}
