package io.adamant.data;

import io.adamant.base.InputException;
import io.adamant.base.Sha256;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;

/**
 * Text that is token ids already, in files that other programs wrote, see {@link TokenShard}. A
 * {@link ShardStore} maps the ids where they lie.
 *
 * @param description for people
 * @param shards in their order; at least one
 * @param ownValidation the shards of the same directory that are named for validation
 */
record TokenShards(String description, List<TokenShard> shards, Optional<Corpus> ownValidation)
    implements Corpus {
  private static final List<String> VALIDATION = List.of("val", "valid", "validation");

  TokenShards {
    shards = List.copyOf(shards);
  }

  /**
   * The shards among files.
   *
   * <p>Of a directory that has both, files with the word {@code train} in their names are the text,
   * those with the word {@code val} validate it, and no others are read. Else all files are shards
   * or none is.
   *
   * @param key the configuration key, for messages
   * @param files found as for text
   * @return empty if these files are something else
   * @throws InputException if a file is no whole shard, or some are shards and others are not
   */
  static Optional<TokenShards> of(String key, TextCorpus files) {
    List<Path> ids = files.files().stream().filter(TokenShard::isShard).toList();
    if (ids.isEmpty()) {
      return Optional.empty();
    }
    List<Path> train = ids.stream().filter(file -> isNamed(file, List.of("train"))).toList();
    List<Path> validation = ids.stream().filter(file -> isNamed(file, VALIDATION)).toList();
    if (Files.isDirectory(files.root()) && !train.isEmpty() && !validation.isEmpty()) {
      String name = files.description();
      return Optional.of(
          new TokenShards(name, shards(train), Optional.of(of(name, shards(validation)))));
    }
    for (Path file : files.files()) {
      if (!ids.contains(file)) {
        throw mixed(key, ids.get(0).toString(), file.toString());
      }
    }
    return Optional.of(of(files.description(), shards(ids)));
  }

  private static TokenShards of(String name, List<TokenShard> shards) {
    return new TokenShards(name, shards, Optional.empty());
  }

  private static List<TokenShard> shards(List<Path> files) {
    return files.stream().map(TokenShard::of).toList();
  }

  private static boolean isNamed(Path file, List<String> words) {
    String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
    return Arrays.stream(name.split("[^a-z]+", -1)).anyMatch(words::contains);
  }

  private static InputException mixed(String key, String shard, String text) {
    return new InputException(
        "%s: %s holds token ids and %s does not; allowed: token shards alone or none, or both as a mixture with weights"
            .formatted(key, shard, text));
  }

  /**
   * Several sources of shards as one.
   *
   * @param key the configuration key, for messages
   * @param parts in their order
   * @return empty if none is of shards
   * @throws InputException if some are and others are not
   */
  static Optional<Corpus> joined(String key, List<Corpus> parts) {
    List<TokenShard> shards = new ArrayList<>();
    List<TokenShard> validation = new ArrayList<>();
    for (Corpus part : parts) {
      if (part instanceof TokenShards these) {
        shards.addAll(these.shards);
        these.ownValidation.ifPresent(own -> validation.addAll(((TokenShards) own).shards));
      }
    }
    if (shards.isEmpty()) {
      return Optional.empty();
    }
    for (Corpus part : parts) {
      if (!(part instanceof TokenShards)) {
        throw mixed(key, shards.get(0).file().toString(), part.description());
      }
    }
    String name = new JoinedCorpus(parts).description();
    return Optional.of(
        new TokenShards(
            name,
            shards,
            validation.isEmpty() ? Optional.empty() : Optional.of(of(name, validation))));
  }

  /** {@inheritDoc} The files as they are, in their order; names do not count. */
  @Override
  public String contentSha256(ContentHashes hashes) {
    Sha256 sha = new Sha256().add("token shards 1\n");
    shards.forEach(shard -> sha.add(hashes.sha256(shard.file())).add("\n"));
    return sha.hex();
  }

  /**
   * Not for shards, which have ids and no text.
   *
   * @throws UnsupportedOperationException always
   */
  @Override
  public PieceSource open(Reading reading) {
    throw new UnsupportedOperationException(description + " has no text; its ids are mapped");
  }

  @Override
  public List<Path> files() {
    return shards.stream().map(TokenShard::file).toList();
  }

  @Override
  public OptionalLong bytes() {
    return OptionalLong.of(shards.stream().mapToLong(each -> Failure.size(each.file())).sum());
  }

  @Override
  public long minimumValidationTokens() {
    return 1;
  }

  /** Ids of both. */
  static boolean isMixed(Corpus corpus, Optional<Corpus> validation) {
    return Stream.concat(Stream.of(corpus), validation.stream())
            .map(TokenShards.class::isInstance)
            .distinct()
            .count()
        > 1;
  }
}
