package io.adamant.data;

import io.adamant.base.Sha256;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * Several corpora read one after the other.
 *
 * @param parts in their order; at least two
 */
record JoinedCorpus(List<Corpus> parts) implements Corpus {
  private static final int SHOWN = 3;

  JoinedCorpus {
    parts = List.copyOf(parts);
  }

  @Override
  public String description() {
    String first =
        parts.stream().limit(SHOWN).map(Corpus::description).collect(Collectors.joining(" + "));
    return parts.size() > SHOWN ? first + " + " + (parts.size() - SHOWN) + " more" : first;
  }

  @Override
  public List<Path> files() {
    return parts.stream().flatMap(part -> part.files().stream()).toList();
  }

  @Override
  public String contentSha256(ContentHashes hashes) {
    Sha256 sha = new Sha256().add("joined 1\n");
    parts.forEach(part -> sha.add(part.contentSha256(hashes)).add("\n"));
    return sha.hex();
  }

  @Override
  public void prepare(Consumer<String> progress) {
    parts.forEach(part -> part.prepare(progress));
  }

  @Override
  public PieceSource open(Reading reading) {
    return new Pass(reading);
  }

  @Override
  public long minimumValidationTokens() {
    return parts.stream().mapToLong(Corpus::minimumValidationTokens).max().orElseThrow();
  }

  private final class Pass implements PieceSource {
    private final Reading reading;
    private int next;
    private Optional<PieceSource> current = Optional.empty();

    Pass(Reading reading) {
      this.reading = reading;
    }

    @Override
    public Optional<Piece> next() throws IOException {
      while (true) {
        if (current.isEmpty()) {
          if (next == parts.size()) {
            return Optional.empty();
          }
          current = Optional.of(parts.get(next++).open(reading));
        }
        Optional<Piece> piece = current.get().next();
        if (piece.isPresent()) {
          return piece;
        }
        close();
      }
    }

    @Override
    public double fraction() {
      double within = current.map(PieceSource::fraction).orElse(1.0);
      return Math.max(0, next - 1 + within) / parts.size();
    }

    @Override
    public void close() throws IOException {
      if (current.isPresent()) {
        current.get().close();
        current = Optional.empty();
      }
    }
  }
}
