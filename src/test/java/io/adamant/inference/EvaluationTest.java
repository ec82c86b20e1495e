package io.adamant.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.adamant.data.TokenView;
import io.adamant.data.Tokenizer;
import io.adamant.inference.TaskFile.Question;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Losses and answers against those that the model's logits over whole texts give. */
class EvaluationTest {

  private static final int VOCABULARY = 257;
  private static final int CONTEXT = 12;

  private final Tokenizer tokenizer = Tokenizer.of("bytes", 257);
  private TinyModel model;

  @BeforeEach
  void open() {
    model = new TinyModel(VOCABULARY, CONTEXT);
  }

  @AfterEach
  void close() {
    model.close();
    tokenizer.close();
  }

  /** -log p(text[at] | text[from..at-1]), by the model over the piece. */
  private double nats(int[] text, int from, int at) {
    long[] ids = Arrays.stream(text, from, at).asLongStream().toArray();
    float[] all = model.logits(ids);
    float[] last = Arrays.copyOfRange(all, all.length - VOCABULARY, all.length);
    return -TokenSampler.logProbability(last, text[at]);
  }

  @ParameterizedTest
  @CsvSource({"50, 12, 12", "50, 12, 5", "50, 12, 1", "37, 9, 9", "13, 12, 12", "3, 12, 4"})
  void everyTokenButTheFirstIsScoredOnceWithTheContextThatTheStrideLeaves(
      int size, int context, int stride) {
    int[] text = new Random(size).ints(size, 0, VOCABULARY).toArray();
    List<List<Double>> windows = new ArrayList<>();
    int next = 1;
    for (int begin = 0; next < size; begin += stride) {
      List<Double> window = new ArrayList<>();
      for (; next < size && next <= begin + context; next++) {
        window.add(nats(text, begin, next));
      }
      windows.add(window);
    }
    double mean = windows.stream().flatMap(List::stream).mapToDouble(x -> x).sum() / (size - 1);
    double squares =
        windows.stream()
            .mapToDouble(w -> Math.pow(w.stream().mapToDouble(x -> x - mean).sum(), 2))
            .sum();
    int j = windows.size();
    double error = j == 1 ? Double.NaN : Math.sqrt(squares * j / (j - 1)) / (size - 1);

    List<Long> heard = new ArrayList<>();
    CorpusLoss loss =
        CorpusLoss.of(model.scorer(), TokenView.of(text), context, stride, heard::add);
    assertThat(loss.tokens()).isEqualTo(size - 1);
    assertThat(loss.loss()).isCloseTo(mean, within(1e-5));
    assertThat(loss.perplexity()).isCloseTo(Math.exp(mean), within(1e-4 * Math.exp(mean)));
    assertThat(heard.stream().mapToLong(n -> n).sum()).isEqualTo(size - 1);
    if (j == 1) {
      assertThat(loss.standardError()).isNaN();
    } else {
      assertThat(loss.standardError()).isCloseTo(error, within(1e-4 * error + 1e-6));
    }
  }

  /** As {@link #nats}, where a document ends with the id 256. */
  private double natsInDocument(int[] text, int from, int at) {
    int begin = from;
    for (int i = from; i < at - 1; i++) {
      begin = text[i] == 256 ? i + 1 : begin;
    }
    return nats(text, begin, at);
  }

  @ParameterizedTest
  @CsvSource({"50, 12, 12", "50, 12, 5", "37, 9, 1"})
  void aModelOfDocumentsReadsNoneBeforeItsOwn(int size, int context, int stride) {
    int[] text = new Random(size).ints(size, 0, VOCABULARY).toArray();
    for (int at : new int[] {0, 4, 5, 11, 20, 33, size - 1}) {
      text[at] = 256;
    }
    double sum = 0;
    int next = 1;
    for (int begin = 0; next < size; begin += stride) {
      for (; next < size && next <= begin + context; next++) {
        sum += natsInDocument(text, begin, next);
      }
    }
    TextScorer scorer = new TextScorer(model.decoder(), OptionalInt.of(256));
    TokenView view = TokenView.of(text);
    double found = CorpusLoss.of(scorer, view, context, stride, n -> {}).loss();
    assertThat(found).isCloseTo(sum / (size - 1), within(1e-5));
    double over = CorpusLoss.of(model.scorer(), view, context, stride, n -> {}).loss();
    assertThat(over).isNotCloseTo(found, within(1e-3));
  }

  @Test
  void aModelOfDocumentsAnswersBehindTheirBeginning() {
    TextScorer scorer = new TextScorer(model.decoder(), OptionalInt.of(256));
    Question question = new Question("", List.of("de", "defg"), 0);
    double[] found = MultipleChoice.logLikelihoods(scorer, tokenizer, new int[0], question);
    for (int k = 0; k < 2; k++) {
      byte[] bytes = question.choices().get(k).getBytes(java.nio.charset.StandardCharsets.US_ASCII);
      int[] text = new int[bytes.length + 1];
      text[0] = 256;
      double sum = 0;
      for (int i = 0; i < bytes.length; i++) {
        text[i + 1] = bytes[i];
        sum -= natsInDocument(text, 0, i + 1);
      }
      assertThat(found[k]).isCloseTo(sum, within(2e-5));
    }
    // Behind a context there is no end of a text to stop at.
    Question plain = new Question("ab c", List.of("de", "x"), 0);
    assertThat(MultipleChoice.logLikelihoods(scorer, tokenizer, new int[0], plain))
        .containsExactly(
            MultipleChoice.logLikelihoods(model.scorer(), tokenizer, new int[0], plain));
  }

  /** The sum over the last tokens of a text, each behind up to a context of those before it. */
  private double logLikelihood(int[] begin, String context, String choice) {
    int[] ids = tokenizer.encode(context + choice);
    int[] text = Arrays.copyOf(begin, begin.length + ids.length);
    System.arraycopy(ids, 0, text, begin.length, ids.length);
    int count = tokenizer.encode(choice).length;
    int from = Math.max(0, text.length - 1 - CONTEXT);
    return -IntStream.range(Math.max(from + 1, text.length - count), text.length)
        .mapToDouble(at -> nats(text, from, at))
        .sum();
  }

  @Test
  void aChoiceHasTheLogLikelihoodOfItsTokensBehindTheContext() {
    int[] begin = {256};
    Object[][] cases = {
      {"ab c", List.of("de", "defg", "d"), " "},
      {"ab c ", List.of("de", "x"), " "}, // the space goes over to the choice
      {"ab", List.of("\nde", "\nxy"), ""}, // white space of its own
      {"a long context that", List.of("fills it", "more than"), " "}, // cut at the beginning
      {"", List.of("de", "defgh"), ""},
      {"x", List.of("a choice as long as all", "b"), " "},
    };
    for (Object[] one : cases) {
      String context = (String) one[0];
      @SuppressWarnings("unchecked")
      List<String> choices = (List<String>) one[1];
      double[] found =
          MultipleChoice.logLikelihoods(
              model.scorer(), tokenizer, begin, new Question(context, choices, 0));
      for (int k = 0; k < choices.size(); k++) {
        assertThat(found[k])
            .as("%s|%s", context, choices.get(k))
            .isCloseTo(
                logLikelihood(begin, context.stripTrailing(), one[2] + choices.get(k)),
                within(2e-5));
      }
    }
    // Without a token that begins every text, one without a context stands behind an end of text.
    assertThat(
            MultipleChoice.logLikelihoods(
                model.scorer(), tokenizer, new int[0], new Question("", List.of("de", "d"), 0))[0])
        .isCloseTo(logLikelihood(new int[] {256}, "", "de"), within(2e-5));
  }

  @Test
  void theRightAnswersAreCountedWithTheirErrors() {
    List<Question> questions = new ArrayList<>();
    List<Boolean> right = new ArrayList<>();
    List<Boolean> byLength = new ArrayList<>();
    Random random = new Random(2);
    for (int i = 0; i < 20; i++) {
      List<String> choices = new ArrayList<>();
      for (int k = 0; k < 3; k++) {
        choices.add("é".repeat(k) + (char) ('a' + random.nextInt(26)));
      }
      String context = "q" + i;
      int answer = random.nextInt(3);
      questions.add(new Question(context, choices, answer));
      double[] logs = new double[3];
      double[] perByte = new double[3];
      for (int k = 0; k < 3; k++) {
        logs[k] = logLikelihood(new int[0], context, " " + choices.get(k));
        perByte[k] = logs[k] / (2 * k + 1); // é has two bytes
      }
      right.add(Arrays.stream(logs).max().orElseThrow() == logs[answer]);
      byLength.add(Arrays.stream(perByte).max().orElseThrow() == perByte[answer]);
    }
    MultipleChoice found =
        MultipleChoice.of(model.scorer(), tokenizer, new int[0], questions, n -> {});
    assertThat(found.right()).isEqualTo(right);
    assertThat(found.rightByLength()).isEqualTo(byLength);
    int count = 0;
    for (boolean one : byLength) {
      count += one ? 1 : 0;
    }
    assertThat(count).isBetween(2, 18);
    double p = count / 20.0;
    MultipleChoice.Score score = found.accuracyByLength();
    assertThat(score.accuracy()).isCloseTo(p, within(1e-12));
    assertThat(score.standardError()).isCloseTo(Math.sqrt(p * (1 - p) / 19), within(1e-12));
    assertThat(score.interval().contains(p)).isTrue();
    assertThat(score.interval().halfWidth())
        .isBetween(1.2 * score.standardError(), 2.6 * score.standardError());
  }
}
