package io.adamant.inference;

import io.adamant.data.Tokenizer;
import io.adamant.inference.TaskFile.Question;
import io.adamant.model.GptDecoder;
import io.adamant.stats.Bootstrap;
import io.adamant.stats.Interval;
import io.adamant.stats.MeanEstimate;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.LongConsumer;
import java.util.stream.DoubleStream;

/**
 * Answers of a model to multiple-choice questions: the choice that it finds likeliest behind the
 * context.
 *
 * <p>A choice's log-likelihood is the sum over its tokens; its length is that of its text in bytes
 * of UTF-8. Between context and choice stands a space, which belongs to the choice, unless the
 * context ends or the choice begins with white space; the spaces at a context's end go over to the
 * choice. Context and choice are encoded together, and the tokens behind those that both encodings
 * have in common are the choice's. What does not fit into the model's context is cut off at the
 * beginning. All this is as lm-evaluation-harness does it, but for the length, which is there
 * counted in characters under the name of bytes.
 *
 * @param right for each question whether the choice with the largest log-likelihood is right
 * @param rightByLength the same for log-likelihood over length
 */
public record MultipleChoice(List<Boolean> right, List<Boolean> rightByLength) {

  private static final double LEVEL = 0.95;
  private static final int RESAMPLES = 10_000;

  /** Takes copies. */
  public MultipleChoice {
    right = List.copyOf(right);
    rightByLength = List.copyOf(rightByLength);
  }

  /**
   * A share of right answers.
   *
   * @param accuracy from 0 to 1
   * @param standardError s/&radic;n, with s the standard deviation over questions; NaN for one
   * @param interval percentile bootstrap over questions
   */
  public record Score(double accuracy, double standardError, Interval interval) {
    static Score of(List<Boolean> right) {
      double[] x = right.stream().mapToDouble(one -> one ? 1 : 0).toArray();
      MeanEstimate mean = MeanEstimate.of(x, LEVEL);
      return new Score(
          mean.mean(),
          mean.standardDeviation() / Math.sqrt(mean.n()),
          Bootstrap.percentile(
              x, draw -> DoubleStream.of(draw).sum() / draw.length, LEVEL, RESAMPLES, 1));
    }
  }

  /**
   * Asks a model.
   *
   * @param scorer of the model
   * @param tokenizer of the model
   * @param begin the ids that every text of the model begins with; may be none
   * @param questions at least one
   * @param answered hears of each question
   * @return the answers
   */
  public static MultipleChoice of(
      TextScorer scorer,
      Tokenizer tokenizer,
      int[] begin,
      List<Question> questions,
      LongConsumer answered) {
    List<Boolean> right = new ArrayList<>();
    List<Boolean> byLength = new ArrayList<>();
    for (Question question : questions) {
      double[] logs = logLikelihoods(scorer, tokenizer, begin, question);
      double[] perByte = new double[logs.length];
      for (int k = 0; k < logs.length; k++) {
        int bytes = question.choices().get(k).strip().getBytes(StandardCharsets.UTF_8).length;
        perByte[k] = logs[k] / bytes;
      }
      right.add(largest(logs) == question.answer());
      byLength.add(largest(perByte) == question.answer());
      answered.accept(1);
    }
    return new MultipleChoice(right, byLength);
  }

  /** The log-likelihood of each choice behind the context, nats. */
  static double[] logLikelihoods(
      TextScorer scorer, Tokenizer tokenizer, int[] begin, Question question) {
    GptDecoder decoder = scorer.decoder();
    double[] logs = new double[question.choices().size()];
    String context = question.context().stripTrailing();
    String space = question.context().substring(context.length());
    int[] head = Sampling.prompt(tokenizer, begin, context);
    int[] read = {};
    for (int k = 0; k < logs.length; k++) {
      String choice = question.choices().get(k);
      boolean apart = space.isEmpty() && !Character.isWhitespace(choice.codePointAt(0));
      String text = context + (apart && !context.isEmpty() ? " " : space) + choice;
      int[] whole = whole(tokenizer, begin, context.isEmpty() ? head : new int[0], text);
      int common = Math.min(common(head, whole), whole.length - 1);
      int cut = Math.max(0, whole.length - 1 - decoder.context());
      int[] inputs = Arrays.copyOfRange(whole, cut, whole.length - 1);
      int first = Math.max(0, common - cut - 1); // the input whose target is the first to count
      if (scorer.isParted(inputs)) {
        for (float log : scorer.score(Arrays.copyOfRange(whole, cut, whole.length), first + 1)) {
          logs[k] += log;
        }
        read = new int[0];
        continue;
      }
      int kept = Math.min(common(read, inputs), first);
      decoder.reset(kept);
      if (first > kept) {
        decoder.read(Arrays.copyOfRange(inputs, kept, first));
      }
      float[] scored =
          decoder.logProbabilities(
              Arrays.copyOfRange(inputs, first, inputs.length),
              Arrays.copyOfRange(whole, cut + first + 1, whole.length));
      for (float log : scored) {
        logs[k] += log;
      }
      read = inputs;
    }
    return logs;
  }

  /** The ids of a text with those that stand before every text, or before one without a context. */
  private static int[] whole(Tokenizer tokenizer, int[] begin, int[] start, String text) {
    int[] before = start.length > 0 ? start : begin;
    int[] ids = tokenizer.encode(text);
    int[] whole = Arrays.copyOf(before, before.length + ids.length);
    System.arraycopy(ids, 0, whole, before.length, ids.length);
    return whole;
  }

  private static int common(int[] a, int[] b) {
    int mismatch = Arrays.mismatch(a, b);
    return mismatch < 0 ? a.length : mismatch;
  }

  private static int largest(double[] values) {
    int best = 0;
    for (int i = 1; i < values.length; i++) {
      best = values[i] > values[best] ? i : best;
    }
    return best;
  }

  /**
   * The share of questions that log-likelihood answers.
   *
   * @return with its errors
   */
  public Score accuracy() {
    return Score.of(right);
  }

  /**
   * The share of questions that log-likelihood over length answers.
   *
   * @return with its errors
   */
  public Score accuracyByLength() {
    return Score.of(rightByLength);
  }
}
