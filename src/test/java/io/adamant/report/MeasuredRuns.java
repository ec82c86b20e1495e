package io.adamant.report;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.adamant.config.RunConfig;
import io.adamant.stats.RatioHistogram;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.BiConsumer;

/** Runs of a {@link StudyFixture} to whose measured steps a probe's numbers are added. */
final class MeasuredRuns {

  static final RunConfig ADAM =
      StudyFixture.config("adamw", 4e-3, 0.1)
          .with("optimizer.beta1", 0.9)
          .with("optimizer.beta2", 0.95);

  private static final ObjectMapper JSON = new ObjectMapper();

  private MeasuredRuns() {}

  /** Adds fields to each group of each measured step; the step of the line comes first. */
  static Path amend(Path run, BiConsumer<Integer, ObjectNode> each) {
    Path file = run.resolve("metrics.jsonl");
    try {
      StringBuilder text = new StringBuilder();
      for (String line : Files.readAllLines(file)) {
        ObjectNode node = (ObjectNode) JSON.readTree(line);
        if (node.has("groups")) {
          int step = node.get("step").asInt();
          node.get("groups").forEach(group -> each.accept(step, (ObjectNode) group));
          if (node.at("/groups/all").has("snr_probe")) {
            ObjectNode probe = node.putObject("probe").put("eta_star", 2e-3);
            probe.put("noise_scale_curved", 40).put("noise_scale_curved_low", 20);
            probe.putNull("noise_scale_curved_high");
          }
        }
        text.append(node).append('\n');
      }
      Files.writeString(file, text.toString());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return run;
  }

  /** Adds the gradients' memory to each measured step, that of all parameters. */
  static Path remember(Path run, BiConsumer<Integer, ObjectNode> each) {
    Path file = run.resolve("metrics.jsonl");
    try {
      StringBuilder text = new StringBuilder();
      for (String line : Files.readAllLines(file)) {
        ObjectNode node = (ObjectNode) JSON.readTree(line);
        if (node.has("groups")) {
          each.accept(node.get("step").asInt(), node.putObject("memory").putObject("all"));
        }
        text.append(node).append('\n');
      }
      Files.writeString(file, text.toString());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return run;
  }

  /** A prediction from fresh gradients that is off by a known residual, with a band around it. */
  static void independent(ObjectNode group, double residual, double half) {
    double predicted = group.get("update_rms").asDouble() / (1 + residual);
    group.put("update_rms_independent", predicted);
    group.put("update_rms_independent_low", predicted * (1 - half));
    group.put("update_rms_independent_high", predicted * (1 + half));
    group.put("update_rms_residual", residual);
    group.put("update_rms_residual_low", residual - half);
    group.put("update_rms_residual_high", residual + half);
    group.put("snr_independent", 0.5).put("snr_independent_low", 0.2);
    group.put("snr_independent_high", 0.9).put("snr_probe", 0.5).put("snr_micro", 0.4);
    group.put("noise_scale_independent", 32).put("noise_scale_independent_low", 18);
    group.put("noise_scale_independent_high", 80);
  }

  static void factors(ObjectNode group, double time, double coordinates, double eps) {
    group.put("factor_time", time).put("factor_coordinates", coordinates).put("factor_eps", eps);
    group.put("persistence", 0.07);
  }

  /** Six in ten coordinates in one bin, the rest evenly in the sixteen bins below |m| = σ. */
  static void histogram(ObjectNode group, int bin) {
    ArrayNode shares = group.putArray("ratio_histogram");
    for (int i = 0; i < RatioHistogram.BINS; i++) {
      shares.add((i == bin ? 0.6 : 0) + (i < 16 ? 0.4 / 16 : 0));
    }
    group.put("noise_dominated", bin < 16 ? 1.0 : 0.4).put("mollification", 0.25);
  }

  static StudyReport report(StudyFixture study) {
    return StudyReport.of(StudyData.read(List.of(study.root())));
  }
}
