package io.adamant.inference;

import io.adamant.data.Tokenizer;
import java.util.ArrayList;
import java.util.List;

/**
 * Turns tokens that come one by one into text that can be shown at once. A character whose bytes
 * are spread over tokens is held back until it is whole; the text is that of all tokens together.
 */
final class TextStream {

  /** A character has at most four bytes, a token at least one: an older one is never waited for. */
  private static final int HELD = 3;

  private static final String BROKEN = "\uFFFD";

  private final Tokenizer tokenizer;
  private final List<Integer> ids = new ArrayList<>();

  /** Tokens before these are not decoded again; those between the two tell how others begin. */
  private int before;

  private int shown;

  TextStream(Tokenizer tokenizer) {
    this.tokenizer = tokenizer;
  }

  /** Adds a token; returns the text that is certain now. */
  String add(int id) {
    ids.add(id);
    if (!decoded(ids.size()).endsWith(BROKEN)) {
      return show(ids.size());
    }
    return ids.size() - shown > HELD ? show(ids.size() - HELD) : "";
  }

  /** The rest of the text: no more tokens come. */
  String end() {
    return show(ids.size());
  }

  private String show(int until) {
    String known = decoded(shown);
    String all = decoded(until);
    before = shown;
    shown = until;
    return all.substring(Math.min(known.length(), all.length()));
  }

  private String decoded(int until) {
    return tokenizer.decode(
        ids.subList(before, until).stream().mapToInt(Integer::intValue).toArray());
  }
}
