package io.adamant.inference;

import io.adamant.base.InputException;
import io.adamant.data.Tokenizer;
import io.adamant.model.GptDecoder;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Texts drawn from a model.
 *
 * @param tokens of a text at most, its prompt not counted
 * @param sampler how the next token is drawn
 * @param seed of all random numbers
 */
public record Sampling(int tokens, TokenSampler sampler, long seed) {

  /**
   * A text.
   *
   * @param promptIds the tokens that it begins with
   * @param ids the tokens that were drawn
   * @param text of these
   * @param logProbabilities of each of them under the model as it is, natural
   * @param ended whether the text came to its end; that token is not among the ids
   * @param firstSeconds from the prompt to the first token
   * @param seconds from there to the last one
   */
  public record Sample(
      List<Integer> promptIds,
      List<Integer> ids,
      String text,
      List<Double> logProbabilities,
      boolean ended,
      double firstSeconds,
      double seconds) {

    /** Takes copies. */
    public Sample {
      promptIds = List.copyOf(promptIds);
      ids = List.copyOf(ids);
      logProbabilities = List.copyOf(logProbabilities);
    }

    /**
     * The sample as keys and values.
     *
     * @return in the order of the command's output
     */
    public Map<String, Object> toMap() {
      Map<String, Object> map = new LinkedHashMap<>();
      map.put("prompt_ids", promptIds);
      map.put("ids", ids);
      map.put("text", text);
      map.put("log_probabilities", logProbabilities);
      map.put("stopped", ended ? "end of text" : "tokens");
      return map;
    }
  }

  /**
   * The tokens of a prompt.
   *
   * @param tokenizer of the model
   * @param begin the ids that every text of the model begins with; may be none
   * @param text empty for the beginning of a text, which is what follows an end of text
   * @return at least one id
   * @throws InputException if the tokenizer cannot encode, or knows no end of text
   */
  public static int[] prompt(Tokenizer tokenizer, int[] begin, String text) {
    if (!text.isEmpty() && !tokenizer.hasText()) {
      throw new InputException(
          "this model's vocabulary is known by its size alone; give the prompt as --prompt-ids");
    }
    int[] encoded = text.isEmpty() ? new int[0] : tokenizer.encode(text);
    int[] ids = Arrays.copyOf(begin, begin.length + encoded.length);
    System.arraycopy(encoded, 0, ids, begin.length, encoded.length);
    if (ids.length > 0) {
      return ids;
    }
    if (tokenizer.endOfText() < 0) {
      throw new InputException(
          "this model's tokenizer has no end of text to begin with; give a prompt");
    }
    return new int[] {tokenizer.endOfText()};
  }

  /**
   * The text of tokens.
   *
   * @param tokenizer of the model
   * @param ids of a prompt
   * @return without the end of text that it may begin with
   */
  public static String text(Tokenizer tokenizer, int... ids) {
    boolean behindEnd = ids.length > 0 && ids[0] == tokenizer.endOfText();
    return tokenizer.decode(behindEnd ? Arrays.copyOfRange(ids, 1, ids.length) : ids);
  }

  /**
   * Draws a text. It depends on model, prompt, settings, seed and index alone.
   *
   * @param decoder of the model; what it has read is forgotten
   * @param tokenizer of the model
   * @param prompt at least one id
   * @param index of the text among those of one seed, from 0
   * @param shown hears the text piece by piece, whole characters only
   * @return the text
   */
  public Sample draw(
      GptDecoder decoder, Tokenizer tokenizer, int[] prompt, long index, Consumer<String> shown) {
    long start = System.nanoTime();
    Generator generator = new Generator(decoder, tokenizer.vocabularySize());
    return draw(generator, tokenizer, prompt, generator.begin(prompt), start, index, shown);
  }

  /** The same with the logits behind the prompt, which the generator has read. */
  Sample draw(
      Generator generator,
      Tokenizer tokenizer,
      int[] prompt,
      float[] behind,
      long start,
      long index,
      Consumer<String> shown) {
    TextStream stream = new TextStream(tokenizer);
    // Tokenizers may write a space or not by what stands before.
    for (int id : prompt) {
      stream.add(id);
    }
    stream.end();
    StringBuilder text = new StringBuilder();
    Consumer<String> hear =
        piece -> {
          text.append(piece);
          shown.accept(piece);
        };
    long[] times = {start, start}; // of the first token and of the last one
    Generator.Continuation drawn =
        generator.generate(
            prompt,
            behind,
            tokens,
            sampler,
            TokenSampler.random(seed, index),
            tokenizer.endOfText(),
            id -> {
              times[1] = System.nanoTime();
              times[0] = times[0] == start ? times[1] : times[0];
              hear.accept(stream.add(id));
            });
    hear.accept(stream.end());
    return new Sample(
        Arrays.stream(prompt).boxed().toList(),
        drawn.ids(),
        text.toString(),
        drawn.logProbabilities(),
        drawn.ended(),
        (times[0] - start) / 1e9,
        (times[1] - times[0]) / 1e9);
  }
}
