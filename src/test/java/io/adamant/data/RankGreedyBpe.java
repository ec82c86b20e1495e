package io.adamant.data;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Byte-pair encoding as its definition reads, for ASCII text: the oracle of the tests. Words are
 * cut by hand instead of by pattern, and pairs are merged one at a time by a full scan.
 */
final class RankGreedyBpe {
  private final Map<String, Integer> ranks = new HashMap<>();

  RankGreedyBpe(int count) {
    Gpt2Tokenizer.ranks(count)
        .forEach((bytes, rank) -> ranks.put(new String(bytes, StandardCharsets.ISO_8859_1), rank));
  }

  /** The rank of every known byte sequence, each byte a character. */
  Map<String, Integer> ranks() {
    return ranks;
  }

  int[] encode(String text) {
    List<Integer> tokens = new ArrayList<>();
    for (String word : words(text)) {
      for (String part : merge(word, ranks.size())) {
        tokens.add(ranks.get(part));
      }
    }
    return tokens.stream().mapToInt(Integer::intValue).toArray();
  }

  /** Merges the neighbours of lowest rank below {@code limit} until there are none. */
  List<String> merge(String word, int limit) {
    List<String> parts = new ArrayList<>();
    for (int i = 0; i < word.length(); i++) {
      parts.add(word.substring(i, i + 1));
    }
    while (true) {
      int best = limit;
      int at = -1;
      for (int i = 0; i + 1 < parts.size(); i++) {
        int rank = ranks.getOrDefault(parts.get(i) + parts.get(i + 1), Integer.MAX_VALUE);
        if (rank < best) {
          best = rank;
          at = i;
        }
      }
      if (at < 0) {
        return parts;
      }
      parts.set(at, parts.get(at) + parts.remove(at + 1));
    }
  }

  private static List<String> words(String text) {
    List<String> words = new ArrayList<>();
    int at = 0;
    while (at < text.length()) {
      int end = contraction(text, at);
      if (end == at) {
        int from = text.charAt(at) == ' ' && at + 1 < text.length() ? at + 1 : at;
        char kind = kind(text.charAt(from));
        end = from;
        if (kind == ' ') { // a run of spaces leaves its last one to the word that follows
          end = run(text, at, ' ');
          end = end < text.length() && end > at + 1 ? end - 1 : end;
        } else {
          end = run(text, from, kind);
        }
      }
      words.add(text.substring(at, end));
      at = end;
    }
    return words;
  }

  private static int contraction(String text, int at) {
    for (String ending : List.of("'s", "'d", "'m", "'t", "'ll", "'ve", "'re")) {
      if (text.startsWith(ending, at)) {
        return at + ending.length();
      }
    }
    return at;
  }

  private static int run(String text, int from, char kind) {
    int end = from;
    while (end < text.length() && kind(text.charAt(end)) == kind) {
      end++;
    }
    return end;
  }

  private static char kind(char c) {
    if (c == ' ') {
      return ' ';
    }
    if (Character.isLetter(c)) {
      return 'a';
    }
    return Character.isDigit(c) ? '0' : '!';
  }
}
