package io.adamant.data;

import io.adamant.base.InputException;
import io.adamant.base.Json;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Trains a byte-level byte-pair encoding and writes it as a {@code tokenizer.json} that Hugging
 * Face's tokenizers library reads: GPT-2's words, {@code <|endoftext|>} as id 0, the 256 bytes, and
 * a symbol for each merge in its order. The result depends on the text and the size alone. {@link
 * CutProof} finds that long documents may be cut for such a tokenizer.
 *
 * @param vocab the size of the vocabulary; less than was asked for if no pair of symbols occurs
 *     twice any more
 * @param documents of the text
 * @param bytes of the text, in UTF-8
 * @param words of the text, each as often as it occurs
 * @param distinctWords that the merges were found in
 * @param forgottenWords that were left out because all different words took too much memory
 * @param bytesPerToken of the words that the merges were found in, without ends of documents
 * @param json the file's content
 */
public record TokenizerTraining(
    int vocab,
    long documents,
    long bytes,
    long words,
    long distinctWords,
    long forgottenWords,
    double bytesPerToken,
    String json) {
  /** The smallest vocabulary: 256 bytes and end-of-text. */
  public static final int SMALLEST_VOCAB = 257;

  /** The largest vocabulary. */
  public static final int LARGEST_VOCAB = 1_000_000;

  private static final int BYTES = 256;
  private static final long REPORT_NANOS = 2_000_000_000L;

  /**
   * Trains.
   *
   * @param key what the corpus is called in messages
   * @param corpus as {@code data.corpus} names it; weights do not count
   * @param replaceInvalid whether bytes that are not UTF-8 read as U+FFFD; otherwise they are
   *     refused
   * @param vocab the size of the vocabulary
   * @param progress told how far it is, a line at a time
   * @return the tokenizer
   * @throws InputException if the size is out of range, or the corpus cannot be read or has no text
   */
  public static TokenizerTraining train(
      String key, String corpus, boolean replaceInvalid, int vocab, Consumer<String> progress) {
    if (vocab < SMALLEST_VOCAB || vocab > LARGEST_VOCAB) {
      throw InputException.badValue(
          "--vocab",
          vocab,
          "%s (256 bytes and end-of-text) to %s".formatted(SMALLEST_VOCAB, LARGEST_VOCAB));
    }
    List<Corpus> parts =
        CorpusSource.parse(key, corpus).stream().map(source -> Corpus.of(key, source)).toList();
    WordCounts words = count(key, parts, new Reading(CutRule.WORDS, replaceInvalid), progress);
    String[] names = new String[vocab];
    names[0] = TextCorpus.SEPARATOR;
    int[] symbolOfByte = byteSymbols(names);
    List<String> texts = words.words();
    BpeMerges found = new BpeMerges(texts, words.counts(), symbolOfByte);
    double bytes = found.tokens();
    List<String> lines = new ArrayList<>();
    int most = vocab - SMALLEST_VOCAB;
    Ticks ticks = new Ticks(progress);
    for (BpeMerges.Merge merge :
        found.find(most, SMALLEST_VOCAB, done -> ticks.say("merges: %,d of %,d", done, most))) {
      String first = names[merge.first()];
      String second = names[merge.second()];
      names[SMALLEST_VOCAB + lines.size()] = first + second;
      lines.add(first + " " + second);
    }
    return new TokenizerTraining(
        SMALLEST_VOCAB + lines.size(),
        words.documents(),
        words.bytes(),
        words.all(),
        texts.size(),
        words.forgotten(),
        bytes / found.tokens(),
        Json.pretty(file(names, lines)));
  }

  private static WordCounts count(
      String key, List<Corpus> parts, Reading reading, Consumer<String> progress) {
    for (Corpus part : parts) {
      if (part instanceof TokenShards) {
        throw new InputException(
            "%s: %s holds token ids; allowed: text".formatted(key, part.description()));
      }
      part.prepare(progress);
    }
    WordCounts words = new WordCounts();
    Ticks ticks = new Ticks(progress);
    for (Corpus part : parts) {
      long before = words.documents();
      try (PieceSource source = part.open(reading)) {
        words.add(
            source,
            fraction ->
                ticks.say(
                    "counting words of %s: %.0f %%, %,d words",
                    part.description(), 100 * fraction, words.all()));
      } catch (IOException e) {
        throw Failure.unreadable(part.description(), e);
      }
      if (words.documents() == before) {
        throw new InputException("%s: %s holds no text".formatted(key, part.description()));
      }
    }
    return words;
  }

  /** Passes a line on now and then. */
  private static final class Ticks {
    private final Consumer<String> progress;
    private long last = System.nanoTime();

    Ticks(Consumer<String> progress) {
      this.progress = progress;
    }

    void say(String format, Object... values) {
      if (System.nanoTime() - last > REPORT_NANOS) {
        last = System.nanoTime();
        progress.accept(String.format(Locale.ROOT, format, values));
      }
    }
  }

  /**
   * Names the bytes as GPT-2 does, each by one printable character without white space: itself in
   * Latin-1 where it is such a character, and else the next one from U+0100 on. Their ids are in
   * the order of these characters.
   *
   * @param names receives the names from id 1 on
   * @return the id of each byte
   */
  private static int[] byteSymbols(String[] names) {
    int[] symbols = new int[BYTES];
    int printable = 1;
    for (int each = 0; each < BYTES; each++) {
      printable += isPrintable(each) ? 1 : 0;
    }
    int own = 1;
    int other = printable;
    for (int each = 0; each < BYTES; each++) {
      int symbol = isPrintable(each) ? own++ : other++;
      symbols[each] = symbol;
      names[symbol] = Character.toString(isPrintable(each) ? each : BYTES + symbol - printable);
    }
    return symbols;
  }

  private static boolean isPrintable(int latin1) {
    return (latin1 > ' ' && latin1 < 0x7f) || (latin1 > 0xa0 && latin1 != 0xad);
  }

  private static Map<String, Object> file(String[] names, List<String> merges) {
    Map<String, Object> end = new LinkedHashMap<>();
    end.put("id", 0);
    end.put("content", names[0]);
    for (String property : List.of("single_word", "lstrip", "rstrip", "normalized")) {
      end.put(property, false);
    }
    end.put("special", true);
    Map<String, Object> byteLevel = new LinkedHashMap<>();
    byteLevel.put("type", "ByteLevel");
    byteLevel.put("add_prefix_space", false);
    byteLevel.put("trim_offsets", true);
    byteLevel.put("use_regex", true);
    Map<String, Integer> vocab = new LinkedHashMap<>();
    for (int id = 0; id < SMALLEST_VOCAB + merges.size(); id++) {
      vocab.put(names[id], id);
    }
    Map<String, Object> model = new LinkedHashMap<>();
    model.put("type", "BPE");
    for (String absent :
        List.of("dropout", "unk_token", "continuing_subword_prefix", "end_of_word_suffix")) {
      model.put(absent, null);
    }
    for (String off : List.of("fuse_unk", "byte_fallback", "ignore_merges")) {
      model.put(off, false);
    }
    model.put("vocab", vocab);
    model.put("merges", merges);
    Map<String, Object> root = new LinkedHashMap<>();
    root.put("version", "1.0");
    root.put("truncation", null);
    root.put("padding", null);
    root.put("added_tokens", List.of(end));
    root.put("normalizer", null);
    root.put("pre_tokenizer", byteLevel);
    root.put("post_processor", null);
    root.put("decoder", byteLevel); // which uses nothing but the type
    root.put("model", model);
    return root;
  }
}
