package io.adamant.data;

import ai.djl.Application;
import ai.djl.basicdataset.BasicDatasets;
import ai.djl.repository.Artifact;
import ai.djl.repository.MRL;
import ai.djl.repository.Repository;
import ai.djl.util.Utils;
import io.adamant.base.InputException;
import io.adamant.base.StorageException;
import io.adamant.base.Suggestion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * A part of one of DJL's text data sets, which DJL downloads into its cache directory when it is
 * first asked for. Named without a part, a data set is its training part and brings its own
 * validation part.
 *
 * @param set the data set
 * @param part {@code train}, {@code valid} or {@code test}
 * @param isWhole whether no part was named
 * @param repository where DJL looks for it
 * @param key the configuration key, for messages
 */
record DjlCorpus(Named set, String part, boolean isWhole, Repository repository, String key)
    implements Corpus {
  /** What stands before the names of these corpora. */
  static final String PREFIX = "djl:";

  private static final String VERSION = "1.0";
  private static final List<String> PARTS = List.of("train", "valid", "test");

  /**
   * A data set.
   *
   * @param artifact its name in DJL's repository
   * @param item the file that has a part; {@code %s} is the part
   * @param path of the part within that file
   */
  record Named(String name, String artifact, String item, String path) {}

  private static final Map<String, Named> SETS = new LinkedHashMap<>();

  static {
    for (Named set :
        List.of(
            new Named("wikitext-2", "wikitext-2", "wikitext-2", "wikitext-2/wiki.%s.tokens"),
            new Named("penn-treebank", "penntreebank-unlabeled-processed", "%s", ""))) {
      SETS.put(set.name(), set);
    }
  }

  /**
   * Finds a data set by its name, without a look whether it is here.
   *
   * @throws InputException if there is none of that name
   */
  static DjlCorpus of(String key, String name, Repository repository) {
    String[] words = name.substring(PREFIX.length()).split("/", -1);
    Named set = SETS.get(words[0]);
    boolean isPart = words.length == 2 && PARTS.contains(words[1]);
    if (set == null || (words.length > 1 && !isPart)) {
      List<String> allowed = new ArrayList<>();
      SETS.keySet().forEach(each -> allowed.add(PREFIX + each));
      throw new InputException(
          "%s: no DJL data set '%s'%s; allowed: %s, each also with /%s"
              .formatted(
                  key,
                  name,
                  Suggestion.aside(name, allowed),
                  String.join(", ", allowed),
                  String.join(", /", PARTS)));
    }
    return new DjlCorpus(set, isPart ? words[1] : "train", !isPart, repository, key);
  }

  static DjlCorpus of(String key, String name) {
    return of(key, name, BasicDatasets.REPOSITORY);
  }

  @Override
  public String description() {
    return PREFIX + set.name() + (isWhole ? "" : "/" + part);
  }

  @Override
  public Optional<Corpus> ownValidation() {
    return isWhole
        ? Optional.of(new DjlCorpus(set, "valid", false, repository, key))
        : Optional.empty();
  }

  @Override
  public String contentSha256(ContentHashes hashes) {
    return text().contentSha256(hashes);
  }

  @Override
  public PieceSource open(Reading reading) throws IOException {
    return text().open(reading);
  }

  @Override
  public long minimumValidationTokens() {
    return 1;
  }

  /**
   * Refuses a data set that is not here if DJL may not download it.
   *
   * @throws InputException with what brings it
   */
  void requireReachable() {
    try {
      boolean remote = !"file".equals(repository.getBaseUri().getScheme());
      if (remote && Utils.isOfflineMode() && cached().isEmpty()) {
        throw new InputException(
            "%s: %s is not in DJL's cache (%s), and DJL is offline; with a network, run this once with ADAMANT_JAVA_OPTS=-Dai.djl.offline=false"
                .formatted(key, description(), repository.getCacheDirectory()));
      }
    } catch (IOException e) {
      throw unreadable(e);
    }
  }

  private TextCorpus text() {
    requireReachable();
    try {
      Optional<Artifact> cached = cached();
      Artifact artifact = cached.isPresent() ? cached.get() : mrl(repository).getDefaultArtifact();
      if (artifact == null) {
        throw new IOException("DJL's repository has no version " + VERSION + " of it");
      }
      mrl(repository).prepare(artifact, null);
      String item = String.format(Locale.ROOT, set.item(), part);
      if (!artifact.getFiles().containsKey(item)) {
        throw new IOException("DJL's repository has no file '" + item + "' of it");
      }
      Path file =
          repository.getFile(
              artifact.getFiles().get(item), String.format(Locale.ROOT, set.path(), part));
      if (!Files.isRegularFile(file)) {
        throw new IOException("it has no file " + file);
      }
      return new TextCorpus(file, List.of(file), TextField.DEFAULT);
    } catch (IOException e) {
      throw unreadable(e);
    }
  }

  private InputException unreadable(IOException e) {
    return new InputException(
        "%s: DJL cannot bring %s from %s: %s"
            .formatted(key, description(), repository.getBaseUri(), StorageException.reason(e)),
        e);
  }

  private MRL mrl(Repository where) {
    return where.dataset(Application.NLP.ANY, BasicDatasets.GROUP_ID, set.artifact(), VERSION);
  }

  /**
   * The data set if all of it is in DJL's cache. Its description is read from there: DJL itself
   * fetches that anew each day, which fails without a network.
   */
  private Optional<Artifact> cached() throws IOException {
    Path cache = repository.getCacheDirectory();
    if (!Files.exists(cache.resolve(mrl(repository).toURI().getPath()).resolve("metadata.json"))) {
      return Optional.empty();
    }
    Repository local = Repository.newInstance("cache", cache);
    return Optional.ofNullable(mrl(local).getDefaultArtifact())
        .filter(artifact -> Files.isDirectory(directory(artifact)));
  }

  private Path directory(Artifact artifact) {
    try {
      return repository.getResourceDirectory(artifact);
    } catch (IOException e) {
      throw unreadable(e);
    }
  }
}
