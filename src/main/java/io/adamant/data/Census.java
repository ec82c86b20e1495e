package io.adamant.data;

import io.adamant.base.Sha256;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.OptionalInt;

/** One pass over the tokens of a store that takes all its header says of them. */
record Census(int vocab, int endOfText, DataStatistics statistics, String dataSha256, int bodyCrc) {
  /** See {@link DataStatistics}. */
  record Bytes(long train, long validation, String validationText) {}

  /** Tokens that are copied at a time. */
  static final int CHUNK = 1 << 15;

  /**
   * Takes the census.
   *
   * @param tokens training tokens, then validation tokens
   * @param trainTokens the number of the former
   * @param tokenizer what made them
   * @param text what is known of the text that they stand for
   */
  static Census take(TokenMap tokens, long trainTokens, Tokenizer tokenizer, Bytes text) {
    int vocab = tokenizer.vocabularySize();
    int endOfText = tokenizer.endOfText();
    long validationTokens = tokens.size() - trainTokens;
    long[] train = counts(tokens.part(0, trainTokens), vocab);
    long[] validation = counts(tokens.part(trainTokens, validationTokens), vocab);
    DataStatistics statistics =
        new DataStatistics(
            trainTokens,
            validationTokens,
            train[endOfText],
            validation[endOfText],
            text.train(),
            text.validation(),
            text.validationText(),
            unigramCrossEntropy(train, validation));
    Sha256 sha = hash(vocab, trainTokens, validationTokens);
    for (ByteBuffer bytes : tokens.bytes()) {
      sha.add(bytes);
    }
    String hash = HexFormat.of().formatHex(sha.bytes());
    return new Census(vocab, endOfText, statistics, hash, TokenStore.crc(tokens));
  }

  /** The hash of a data set, to which its tokens' bytes are still to be added. */
  static Sha256 hash(int vocab, long trainTokens, long validationTokens) {
    return new Sha256()
        .add(
            "adamant tokens 1 vocab %s train %s validation %s\n"
                .formatted(vocab, trainTokens, validationTokens));
  }

  StoreHeader header(String key, StoreRecipe recipe) {
    String text = recipe.corpus().description();
    return new StoreHeader(key, vocab, endOfText, statistics, dataSha256, bodyCrc, text);
  }

  /** How often each id occurs. */
  static long[] counts(TokenView tokens, int vocab) {
    long[] counts = new long[vocab];
    long[] chunk = new long[CHUNK];
    for (long at = 0; at < tokens.size(); at += CHUNK) {
      int here = (int) Math.min(CHUNK, tokens.size() - at);
      tokens.read(at, here, chunk, 0);
      for (int i = 0; i < here; i++) {
        counts[(int) chunk[i]]++;
      }
    }
    return counts;
  }

  /** Bytes of the text that ids stand for; 0 where the tokenizer does not tell. */
  static long bytes(long[] counts, Tokenizer tokenizer) {
    long bytes = 0;
    for (int id = 0; id < counts.length; id++) {
      OptionalInt length = tokenizer.bytesOf(id);
      if (length.isEmpty()) {
        return 0;
      }
      bytes += counts[id] * length.getAsInt();
    }
    return bytes;
  }

  /** See {@link DataStatistics}: −Σ_t (v_t/M) ln((c_t + 1)/(N + V)), in nats per token. */
  static double unigramCrossEntropy(long[] train, long[] validation) {
    long n = 0;
    long m = 0;
    for (int token = 0; token < train.length; token++) {
      n += train[token];
      m += validation[token];
    }
    double normalizer = Math.log((double) n + train.length);
    double sum = 0;
    for (int token = 0; token < train.length; token++) {
      sum += validation[token] * (normalizer - Math.log(train[token] + 1.0));
    }
    return sum / m;
  }
}
