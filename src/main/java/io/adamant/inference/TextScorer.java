package io.adamant.inference;

import io.adamant.model.GptDecoder;
import java.util.Arrays;
import java.util.OptionalInt;

/**
 * Probabilities of a text's tokens, as the model was trained to give them: over the whole text, or
 * within each of its documents.
 *
 * @param decoder of the model
 * @param separator the token behind which attention stops and positions begin anew; empty if they
 *     do not
 */
public record TextScorer(GptDecoder decoder, OptionalInt separator) {

  /**
   * Reads a text from its first token on. Nothing is known of what the decoder keeps afterwards.
   *
   * @param ids at least two, at most the decoder's context and one more, which is only a target
   * @param first index of the first token that has a probability, at least 1
   * @return the natural logarithm of the probability of each token from there on
   */
  float[] score(int[] ids, int first) {
    float[] all = new float[ids.length - first];
    int inputs = ids.length - 1;
    int end;
    for (int begin = 0; begin < inputs; begin = end) {
      end = documentEnd(ids, begin, inputs);
      int from = Math.max(begin, first - 1);
      if (from < end) {
        decoder.reset();
        if (from > begin) {
          decoder.read(Arrays.copyOfRange(ids, begin, from));
        }
        float[] part =
            decoder.logProbabilities(
                Arrays.copyOfRange(ids, from, end), Arrays.copyOfRange(ids, from + 1, end + 1));
        System.arraycopy(part, 0, all, from + 1 - first, part.length);
      }
    }
    return all;
  }

  /** Whether a document ends within a text. */
  boolean isParted(int[] ids) {
    return documentEnd(ids, 0, ids.length) < ids.length
        || (separator.isPresent() && ids[ids.length - 1] == separator.getAsInt());
  }

  /** One past the end of the document that begins at an index, or the limit. */
  private int documentEnd(int[] ids, int begin, int limit) {
    if (separator.isPresent()) {
      for (int i = begin; i < limit; i++) {
        if (ids[i] == separator.getAsInt()) {
          return i + 1;
        }
      }
    }
    return limit;
  }
}
