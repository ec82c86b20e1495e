package io.adamant.study;

import io.adamant.base.InputException;
import io.adamant.config.RunConfig;
import io.adamant.results.RunDirectory;
import io.adamant.results.RunStatus;
import io.adamant.results.RunSummary;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * What a study will cost. Time and disk are those of finished runs of the same model, precision and
 * micro-batch under the same results root, whose times are scaled to the tokens of this study;
 * where there is none, a run of that kind is measured.
 *
 * @param runs of the study
 * @param atMost of them those that may have to confirm winners that nobody knows yet
 * @param done runs that have a result here or in another study under the same root
 * @param tokens that the others will train on
 * @param seconds that they will train for, one after the other
 * @param bytes that they will leave on the disk
 */
public record StudyEstimate(
    int runs, int atMost, int done, double tokens, OptionalDouble seconds, OptionalDouble bytes) {

  /**
   * What a run costs, from which others like it are judged.
   *
   * @param config of the run
   * @param secondsPerToken of training; NaN where it cannot be measured
   * @param bytes that it leaves on the disk
   */
  public record Sample(RunConfig config, double secondsPerToken, double bytes) {
    boolean isLike(RunConfig other) {
      return config.model().equals(other.model())
          && config.training().precision() == other.training().precision()
          && config.training().microBatch() == other.training().microBatch();
    }
  }

  /**
   * Estimates.
   *
   * @param items the runs
   * @param mayFollow runs in the place of those that are not known yet, such as {@link
   *     Confirmation#atMost}
   * @param directory of the study, which need not exist
   * @param measure tries a run of which no like one has finished here
   * @return the cost
   */
  public static StudyEstimate of(
      List<StudyPlan.Item> items,
      List<StudyPlan.Item> mayFollow,
      StudyDirectory directory,
      Function<StudyPlan.Item, Sample> measure) {
    SiblingStudies siblings = new SiblingStudies(directory.root());
    List<Sample> samples = samples(directory.root());
    int done = 0;
    double tokens = 0;
    double seconds = 0;
    double bytes = 0;
    List<StudyPlan.Item> open = new ArrayList<>(mayFollow);
    for (StudyPlan.Item item : items) {
      if (directory.published(item.id()).isPresent() || siblings.result(item.id()).isPresent()) {
        done++;
      } else {
        open.add(item);
      }
    }
    for (StudyPlan.Item item : open) {
      RunConfig config = item.config();
      double own = config.ownTokens();
      tokens += own;
      if (samples.stream().noneMatch(sample -> sample.isLike(config))) {
        samples.add(measure.apply(item));
      }
      List<Sample> like = samples.stream().filter(sample -> sample.isLike(config)).toList();
      seconds += own * mean(like.stream().mapToDouble(Sample::secondsPerToken).average());
      bytes += mean(like.stream().mapToDouble(Sample::bytes).average());
    }
    return new StudyEstimate(
        items.size() + mayFollow.size(),
        mayFollow.size(),
        done,
        tokens,
        known(seconds),
        known(bytes));
  }

  private static double mean(OptionalDouble average) {
    return average.orElse(Double.NaN); // one run that is unknown makes the sum unknown
  }

  private static OptionalDouble known(double value) {
    return Double.isNaN(value) ? OptionalDouble.empty() : OptionalDouble.of(value);
  }

  private static List<Sample> samples(Path study) {
    List<Sample> samples = new ArrayList<>();
    Path root = study.toAbsolutePath().normalize().getParent();
    for (Path other : list(root)) {
      for (Path run : list(other.resolve("runs"))) {
        if (Attempts.isComplete(run)) {
          sample(run, samples);
        }
      }
    }
    return samples;
  }

  private static void sample(Path run, List<Sample> samples) {
    try {
      RunSummary summary = RunDirectory.summary(run).orElseThrow();
      if (summary.status() == RunStatus.FINISHED && summary.tokens() > 0) {
        RunConfig config = RunDirectory.config(run);
        samples.add(new Sample(config, summary.seconds() / config.ownTokens(), bytes(run)));
      }
    } catch (InputException e) {
      return; // of another version
    }
  }

  private static double bytes(Path folder) {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(Files::isRegularFile).mapToDouble(file -> file.toFile().length()).sum();
    } catch (IOException | UncheckedIOException e) {
      return Double.NaN;
    }
  }

  private static List<Path> list(Path folder) {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.toList();
    } catch (IOException | UncheckedIOException e) {
      return List.of();
    }
  }
}
