package io.adamant.report;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.adamant.config.Configs;
import io.adamant.config.OptimizerConfig;
import io.adamant.config.RunConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;

/**
 * Run directories as training writes them, with synthetic numbers: losses that fall to a level of
 * the arm, predictions a known factor from the measured values.
 */
final class StudyFixture {
  static final int STEPS = 300;
  static final List<String> GROUPS =
      List.of("all", "embedding", "attention", "mlp", "norm", "head");
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path root;

  StudyFixture(Path root) {
    this.root = root;
  }

  /** Five arms of three seeds. */
  static StudyFixture quickstart(Path root) {
    StudyFixture study = new StudyFixture(root);
    study.names(
        "quickstart",
        "Five optimizers on one text",
        "sgdm",
        "rmsprop",
        "signum",
        "adamw",
        "softsign_adam");
    for (long seed = 1; seed <= 3; seed++) {
      study.run(
          "sgdm",
          config("sgdm", 1.0, 0).with(OptimizerConfig.of("sgdm", 1.0, 0).with("beta1", 0.9)),
          seed,
          5.9);
      study.run("rmsprop", config("rmsprop", 2e-3, 0.1), seed, 5.5);
      study.run("signum", config("signum", 5e-4, 0.1), seed, 5.21);
      study.run("adamw", config("adamw", 4e-3, 0.1), seed, 5.0);
      study.run("softsign_adam", config("softsign_adam", 4e-3, 0.1), seed, 5.02);
    }
    return study;
  }

  static RunConfig config(String type, double lr, double weightDecay) {
    return RunConfig.defaults().with(OptimizerConfig.of(type, lr, weightDecay));
  }

  Path root() {
    return root;
  }

  Path directory(String arm, long seed) {
    return root.resolve("runs").resolve(arm.replaceAll("[^a-z0-9.-]+", "_") + "-" + seed);
  }

  /** A record of the study that names its arms in order and lists no runs by identity. */
  void names(String name, String title, String... arms) {
    StringBuilder yaml = new StringBuilder("name: " + name + "\ntitle: " + title + "\nruns:\n");
    for (String arm : arms) {
      yaml.append("- {arm: ").append(arm).append("}\n");
    }
    write(root.resolve("study.yaml"), yaml.toString());
  }

  /** A plan that lists its runs. */
  void plan(String... ids) {
    StringBuilder yaml = new StringBuilder("name: planned\ntitle: Planned\nruns:\n");
    for (String id : ids) {
      yaml.append("- {arm: adamw, id: ").append(id).append("}\n");
    }
    write(root.resolve("study.yaml"), yaml.toString());
  }

  /** Says of finished runs that they are a point of a grid on fresh seeds. */
  void confirmation(String arm, String role, Path... runs) {
    Path file = root.resolve("confirmation.yaml");
    StringBuilder yaml = new StringBuilder();
    try {
      yaml.append(Files.exists(file) ? Files.readString(file) : "seeds: []\nchoices:\n");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    yaml.append("- arm: ").append(arm).append("\n  role: ").append(role).append("\n  ids:\n");
    for (Path run : runs) {
      yaml.append("  - '").append(run.getFileName()).append("'\n");
    }
    write(file, yaml.toString());
  }

  /** A finished run. */
  Path run(String arm, RunConfig config, long seed, double loss) {
    Path directory = begin(arm, config, seed);
    int steps = config.training().steps();
    write(directory.resolve("metrics.jsonl"), metrics(config, arm, seed, loss, steps));
    write(directory.resolve("summary.json"), summary("finished", loss + noise(seed, arm), steps));
    return directory;
  }

  /** A run that ended badly at a step. */
  Path diverged(String arm, RunConfig config, long seed, int step) {
    Path directory = begin(arm, config, seed);
    write(directory.resolve("metrics.jsonl"), metrics(config, arm, seed, 7, step));
    ObjectNode summary = parse(summary("diverged", Double.NaN, step));
    summary.put("reason", "21 steps skipped").put("skipped_steps", 21).put("first_bad_step", 80);
    write(directory.resolve("summary.json"), summary.toString());
    return directory;
  }

  /** A run that was killed while it wrote a line. */
  Path torn(String arm, RunConfig config, long seed, double loss, int step) {
    Path directory = begin(arm, config, seed);
    String metrics = metrics(config, arm, seed, loss, step);
    write(directory.resolve("metrics.jsonl"), metrics + "{\"step\":" + (step + 1) + ",\"tok");
    return directory;
  }

  static void write(Path file, String text) {
    try {
      Files.createDirectories(file.getParent());
      Files.writeString(file, text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static double noise(long seed, String arm) {
    return 0.02 * new Random(31 * seed + arm.hashCode()).nextGaussian();
  }

  private Path begin(String arm, RunConfig config, long seed) {
    Path directory = directory(arm + "-lr" + config.optimizer().lr(), seed);
    RunConfig seeded = config.with("training.seed", seed);
    write(directory.resolve("run.yaml"), Configs.toYaml(seeded));
    ObjectNode names = JSON.createObjectNode();
    names.put("study", root.getFileName().toString()).put("arm", arm);
    names.put("label", arm + " seed=" + seed).put("seed", seed);
    write(directory.resolve("arm.json"), names.toString());
    ObjectNode manifest = JSON.createObjectNode();
    manifest.put("adamant_version", "0.1.0").put("cpu", "Imaginary CPU at 3 GHz").put("cores", 2);
    manifest.put("device", "cpu").put("threads", 2).put("jdk", "17.0.15").put("host", "secrethost");
    ObjectNode data = manifest.putObject("data");
    data.put("description", "WordNet 3.1 glosses").put("train_tokens", 2_100_000);
    data.put("unigram_cross_entropy", 6.71).put("tokenizer", "gpt2").putArray("warnings");
    manifest.putObject("model").put("parameters", 1_900_000);
    write(directory.resolve("manifest.json"), manifest.toString());
    return directory;
  }

  static String summary(String status, double loss, int steps) {
    ObjectNode json = JSON.createObjectNode();
    json.put("status", status).put("reason", "").put("steps", steps).put("tokens", steps * 2048L);
    number(json, "val_loss", loss);
    number(json, "val_ppl", Math.exp(loss));
    number(json, "best_val_loss", loss);
    number(json, "train_loss", loss - 0.05);
    json.put("tokens_per_s", 11_800 + 10 * loss).put("seconds", 52.25).put("skipped_steps", 0);
    json.putNull("first_bad_step").put("weights_sha256", "ab".repeat(32));
    return json.toString();
  }

  private static String metrics(RunConfig config, String arm, long seed, double loss, int steps) {
    Random random = new Random(seed);
    StringBuilder lines = new StringBuilder();
    double peak = config.optimizer().lr();
    for (int step = 1; step <= steps; step++) {
      double done = step / 300.0;
      double level = loss + (8.3 - loss) * Math.exp(-6 * done);
      ObjectNode line = JSON.createObjectNode();
      line.put("step", step).put("tokens", step * 2048L);
      line.put(
          "lr",
          done < 0.1 ? peak * done / 0.1 : peak * (0.5 + 0.5 * Math.cos(Math.PI * done)) + 1e-5);
      line.put("train_loss", level + 0.12 * random.nextGaussian());
      line.put(
          "grad_norm", (0.3 + 3 * Math.exp(-20 * done)) * Math.exp(0.2 * random.nextGaussian()));
      line.put("tokens_per_s", 11_800.0).put("skipped", false);
      if (step % 50 == 0) {
        line.put("val_loss", step == steps ? loss + noise(seed, arm) : level + noise(seed, arm));
      }
      if (step % 10 == 0) {
        measure(line.putObject("groups"), arm, done, random);
      }
      lines.append(line).append('\n');
    }
    return lines.toString();
  }

  private static void measure(ObjectNode groups, String arm, double done, Random random) {
    for (int g = 0; g < GROUPS.size(); g++) {
      ObjectNode group = groups.putObject(GROUPS.get(g));
      double snr = 0.02 * (g + 1) * Math.exp(-3 * done) * Math.exp(0.1 * random.nextGaussian());
      double r = arm.equals("rmsprop") ? 1 : arm.equals("signum") ? 1 : 0.02564;
      double predicted = Math.sqrt((snr + r) / (snr + 1));
      double scale = arm.equals("sgdm") ? 3e-3 : 1;
      number(group, "update_rms", scale * predicted * (1 + 0.03 * random.nextGaussian()));
      number(group, "update_rms_predicted", arm.equals("sgdm") ? Double.NaN : predicted);
      number(group, "update_rms_free", arm.equals("sgdm") ? Double.NaN : Math.sqrt(r));
      double weight = 0.02 + (arm.equals("signum") ? 0.06 : 0.03) * done * (1 + 0.1 * g);
      number(group, "weight_rms", weight);
      number(group, "weight_rms_predicted", weight * (1.05 + 0.01 * g));
      number(group, "snr", snr);
      number(group, "noise_scale", 1 / snr);
    }
  }

  private static void number(ObjectNode json, String key, double value) {
    if (Double.isFinite(value)) {
      json.put(key, value);
    } else {
      json.putNull(key);
    }
  }

  private static ObjectNode parse(String json) {
    try {
      return (ObjectNode) JSON.readTree(json);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
