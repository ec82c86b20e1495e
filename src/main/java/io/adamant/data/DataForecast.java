package io.adamant.data;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;

/**
 * How large a data set will be, from the sizes of its files and the beginning of each source.
 *
 * @param bytes of all files, compressed or not; empty where a source is no files
 * @param tokens of training and validation together, end-of-text included
 * @param sampled whether {@code tokens} is an estimate: those of the first {@value #SAMPLE}
 *     characters of a source, divided by the share of its bytes that these took
 * @param stored bytes that the token cache will take; ids of token shards stay where they are
 * @param width bytes of a token
 */
public record DataForecast(
    OptionalLong bytes, long tokens, boolean sampled, long stored, int width) {
  /** Characters of a sample. */
  public static final int SAMPLE = 1 << 20;

  static DataForecast of(List<Corpus> corpora, Tokenizer tokenizer, Consumer<String> progress) {
    int width = TokenMap.width(tokenizer.vocabularySize());
    OptionalLong bytes = OptionalLong.of(0);
    long tokens = 0;
    long stored = 0;
    boolean sampled = false;
    for (Corpus corpus : withOwnValidation(corpora)) {
      OptionalLong all = bytes;
      OptionalLong these = corpus.bytes();
      bytes =
          all.isPresent() && these.isPresent()
              ? OptionalLong.of(all.getAsLong() + these.getAsLong())
              : OptionalLong.empty();
      if (corpus instanceof TokenShards ids) {
        tokens += ids.shards().stream().mapToLong(TokenShard::count).sum();
      } else {
        Sample sample = Sample.of(corpus, tokenizer, progress);
        tokens += Math.round(sample.tokens() / sample.share());
        stored += Math.round(sample.tokens() / sample.share()) * width;
        sampled |= sample.share() < 1;
      }
    }
    return new DataForecast(bytes, tokens, sampled, stored, width);
  }

  private static List<Corpus> withOwnValidation(List<Corpus> corpora) {
    List<Corpus> all = new ArrayList<>();
    for (Corpus corpus : corpora) {
      all.add(corpus);
      if (corpora.size() == 1) {
        corpus.ownValidation().ifPresent(all::add);
      }
    }
    return all;
  }

  /** Tokens of the beginning of a corpus, and the share of it that this is. */
  private record Sample(long tokens, double share) {
    static Sample of(Corpus corpus, Tokenizer tokenizer, Consumer<String> progress) {
      corpus.prepare(progress);
      try (PieceSource source = corpus.open(new Reading(tokenizer.cuts(), false))) {
        long characters = 0;
        long tokens = 0;
        while (characters < SAMPLE) {
          Optional<Piece> piece = source.next();
          if (piece.isEmpty()) {
            return new Sample(tokens, 1);
          }
          characters += piece.get().text().length();
          tokens += tokenizer.encode(piece.get().text()).length;
          tokens += piece.get().endsDocument() ? 1 : 0;
        }
        return new Sample(tokens, Math.max(source.fraction(), Double.MIN_NORMAL));
      } catch (IOException e) {
        throw Failure.unreadable(corpus.description(), e);
      }
    }
  }
}
