package io.adamant.inference;

import io.adamant.model.GptDecoder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.IntConsumer;

/**
 * Continues texts with a model.
 *
 * <p>A text may be longer than the model's context: when that is full, the last half of it, rounded
 * up, is read anew as if the text began there, and generation goes on behind it. A prompt that is
 * longer than the context is cut in the same way, to its last context tokens.
 */
final class Generator {

  private final GptDecoder decoder;
  private final int context;
  private final int vocabulary;

  /**
   * What became of a prompt.
   *
   * @param ids that were drawn
   * @param logProbabilities of each under the model as it is, natural
   * @param ended whether the text came to its end
   */
  record Continuation(List<Integer> ids, List<Double> logProbabilities, boolean ended) {}

  /** Of the model's ids, those from {@code vocabulary} on, which are padding, are never drawn. */
  Generator(GptDecoder decoder, int vocabulary) {
    this.decoder = decoder;
    context = decoder.context();
    this.vocabulary = vocabulary;
  }

  /** Reads a prompt of at least one token; gives the logits behind it. */
  float[] begin(int[] prompt) {
    return decoder.reset().read(start(prompt, context));
  }

  /** The end of a prompt that fits into a context. */
  static int[] start(int[] prompt, int context) {
    return Arrays.copyOfRange(prompt, Math.max(0, prompt.length - context), prompt.length);
  }

  /**
   * Continues a prompt.
   *
   * @param prompt which the decoder has read
   * @param behind the logits behind it
   * @param count tokens to draw at most
   * @param sampler how
   * @param random its numbers
   * @param endOfText ends the text and is no part of it; below 0 for none
   * @param drawn hears each token
   */
  Continuation generate(
      int[] prompt,
      float[] behind,
      int count,
      TokenSampler sampler,
      SplittableRandom random,
      int endOfText,
      IntConsumer drawn) {
    List<Integer> text = new ArrayList<>();
    Arrays.stream(prompt).forEach(text::add);
    List<Integer> ids = new ArrayList<>();
    List<Double> logs = new ArrayList<>();
    boolean ended = false;
    float[] logits = behind;
    while (ids.size() < count) {
      int id = sampler.draw(Arrays.copyOf(logits, Math.min(vocabulary, logits.length)), random);
      if (id == endOfText) {
        ended = true;
        break;
      }
      ids.add(id);
      logs.add(TokenSampler.logProbability(logits, id));
      text.add(id);
      drawn.accept(id);
      if (ids.size() < count) {
        logits =
            decoder.length() < context
                ? decoder.read(id)
                : decoder.reset().read(tail(text, (context + 1) / 2));
      }
    }
    return new Continuation(ids, logs, ended);
  }

  private static int[] tail(List<Integer> text, int most) {
    return text.subList(Math.max(0, text.size() - most), text.size()).stream()
        .mapToInt(Integer::intValue)
        .toArray();
  }
}
