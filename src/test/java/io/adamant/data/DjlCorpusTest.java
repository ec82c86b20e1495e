package io.adamant.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.djl.basicdataset.nlp.WikiText2;
import ai.djl.repository.RemoteRepository;
import ai.djl.repository.Repository;
import ai.djl.training.dataset.Dataset.Usage;
import io.adamant.base.InputException;
import io.adamant.base.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** DJL's data sets, from a repository in a folder and from DJL's cache. */
class DjlCorpusTest {
  private static final String CACHE = "DJL_CACHE_DIR";

  @TempDir Path folder;

  private Optional<String> before = Optional.empty();

  @BeforeEach
  void ownCache() {
    assumeTrue(System.getenv(CACHE) == null, "DJL's cache is given by a variable");
    before = Optional.ofNullable(System.getProperty(CACHE));
    System.setProperty(CACHE, folder.resolve("djl").toString());
  }

  @AfterEach
  void cacheAsBefore() {
    before.ifPresentOrElse(
        value -> System.setProperty(CACHE, value), () -> System.clearProperty(CACHE));
  }

  private static String text(String set, String part) {
    return (set + " " + part + " <unk> words\n").repeat(40);
  }

  private static String sha1(Path file) throws Exception {
    byte[] digest = MessageDigest.getInstance("SHA-1").digest(Files.readAllBytes(file));
    return HexFormat.of().formatHex(digest);
  }

  /** A repository with both data sets as DJL has them. */
  private Repository repository() throws Exception {
    Path root = folder.resolve("repository");
    Path base = root.resolve("dataset/nlp/ai/djl/basicdataset");

    Path wiki = Files.createDirectories(base.resolve("wikitext-2/1.0"));
    try (ZipOutputStream zip =
        new ZipOutputStream(Files.newOutputStream(wiki.resolve("wikitext-2.zip")))) {
      for (String part : List.of("train", "valid", "test")) {
        zip.putNextEntry(new ZipEntry("wikitext-2/wiki." + part + ".tokens"));
        zip.write(text("wiki", part).getBytes(StandardCharsets.UTF_8));
      }
    }
    metadata(base, "wikitext-2", Map.of("wikitext-2", item(wiki, "wikitext-2.zip", "")));

    String penn = "penntreebank-unlabeled-processed";
    Path bank = Files.createDirectories(base.resolve(penn).resolve("1.0"));
    Map<String, Object> items = new LinkedHashMap<>();
    for (String part : List.of("train", "valid", "test")) {
      Files.writeString(bank.resolve("ptb." + part + ".txt"), text("penn", part));
      items.put(part, item(bank, "ptb." + part + ".txt", "ptb." + part + ".txt"));
    }
    metadata(base, penn, items);
    return new RemoteRepository("local", root.toUri());
  }

  private static Map<String, Object> item(Path folder, String file, String name) throws Exception {
    return Map.of("uri", "1.0/" + file, "sha1Hash", sha1(folder.resolve(file)), "name", name);
  }

  private static void metadata(Path base, String artifact, Map<String, Object> files)
      throws IOException {
    Map<String, Object> description =
        Map.of(
            "metadataVersion", "0.2",
            "resourceType", "dataset",
            "application", "nlp",
            "groupId", "ai.djl.basicdataset",
            "artifactId", artifact,
            "name", artifact,
            "artifacts", List.of(Map.of("version", "1.0", "snapshot", false, "files", files)));
    Files.writeString(base.resolve(artifact).resolve("metadata.json"), Json.pretty(description));
  }

  private static String whole(Corpus corpus) throws IOException {
    return String.join("", CorpusFormatsTest.documents(corpus));
  }

  @ParameterizedTest
  @CsvSource({"wikitext-2, wiki", "penn-treebank, penn"})
  void aDataSetIsItsTrainingPartAndBringsItsValidationPart(String name, String word)
      throws Exception {
    Corpus corpus = DjlCorpus.of("data.corpus", "djl:" + name, repository());
    assertThat(whole(corpus)).isEqualTo(text(word, "train"));
    assertThat(whole(corpus.ownValidation().orElseThrow())).isEqualTo(text(word, "valid"));
    for (String part : List.of("train", "valid", "test")) {
      Corpus only = DjlCorpus.of("data.corpus", "djl:" + name + "/" + part, repository());
      assertThat(whole(only)).isEqualTo(text(word, part));
      assertThat(only.ownValidation()).isEmpty();
    }
  }

  /** The same file as DJL's own class gives. */
  @Test
  void itIsWhatDjlsClassReads() throws Exception {
    Repository repository = repository();
    Path file =
        WikiText2.builder().optRepository(repository).optUsage(Usage.TEST).build().getData();
    Corpus corpus = DjlCorpus.of("data.corpus", "djl:wikitext-2/test", repository);
    assertThat(whole(corpus)).isEqualTo(Files.readString(file));
  }

  /** By the name in a configuration, without the repository, as on a machine without a network. */
  @Test
  void whatIsInTheCacheNeedsNoNetwork() throws Exception {
    String refusal =
        "data.corpus: djl:wikitext-2 is not in DJL's cache ("
            + folder.resolve("djl/cache/repo")
            + "), and DJL is offline; with a network, run this once with"
            + " ADAMANT_JAVA_OPTS=-Dai.djl.offline=false";
    DatasetSpec spec = DatasetSpec.of("djl:wikitext-2", "bytes", 0);
    assertThatThrownBy(() -> TokenDataset.requireFiles(spec))
        .isInstanceOf(InputException.class)
        .hasMessage(refusal);
    assertThatThrownBy(() -> TokenDataset.open(spec, folder.resolve("cache"), line -> {}))
        .hasMessage(refusal);
    assertThat(TokenDataset.isThere("djl:wikitext-2")).isFalse();

    whole(DjlCorpus.of("data.corpus", "djl:wikitext-2", repository()));
    TokenDataset.requireFiles(spec);
    assertThat(TokenDataset.isThere("djl:wikitext-2")).isTrue();
    try (TokenDataset data = TokenDataset.open(spec, folder.resolve("cache"), line -> {})) {
      // One document each, with end-of-text.
      assertThat(data.train().size()).isEqualTo(text("wiki", "train").length() + 1);
      assertThat(data.validation().size()).isEqualTo(text("wiki", "valid").length() + 1);
      assertThat(data.description()).isEqualTo("djl:wikitext-2");
    }
    DatasetSpec part = DatasetSpec.of("djl:wikitext-2/train", "bytes", 0);
    try (TokenDataset data = TokenDataset.open(part, folder.resolve("cache"), line -> {})) {
      assertThat(data.train().size() + data.validation().size())
          .isEqualTo(text("wiki", "train").length() + 1);
    }
  }

  /** The identity is that of the same text in files. */
  @Test
  void itCountsAsTheTextThatItIs() throws Exception {
    whole(DjlCorpus.of("data.corpus", "djl:penn-treebank", repository()));
    Path train = Files.writeString(folder.resolve("t.txt"), text("penn", "train"));
    Path valid = Files.writeString(folder.resolve("v.txt"), text("penn", "valid"));
    DatasetSpec files =
        new DatasetSpec(train.toString(), "bytes", 0, Optional.of(valid.toString()), 0.05);
    Path cache = folder.resolve("cache");
    try (TokenDataset named =
            TokenDataset.open(DatasetSpec.of("djl:penn-treebank", "bytes", 0), cache, line -> {});
        TokenDataset written = TokenDataset.open(files, cache, line -> {})) {
      assertThat(named.dataSha256()).isEqualTo(written.dataSha256());
    }
  }

  @Test
  void aDownloadWithAnotherChecksumIsRefused() throws Exception {
    Repository repository = repository();
    Path file =
        folder
            .resolve("repository/dataset/nlp/ai/djl/basicdataset/penntreebank-unlabeled-processed")
            .resolve("1.0/ptb.train.txt");
    Files.writeString(file, "x", StandardOpenOption.APPEND);
    assertThatThrownBy(() -> whole(DjlCorpus.of("data.corpus", "djl:penn-treebank", repository)))
        .isInstanceOf(InputException.class)
        .hasMessageStartingWith("data.corpus: DJL cannot bring djl:penn-treebank from file:/")
        .hasMessageContaining("Checksum error")
        .hasMessageNotContaining("\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"djl:wikitext", "djl:", "djl:wikitext-2/all", "djl:penn-treebank/test/x"})
  void otherNamesAreRefused(String name) {
    assertThatThrownBy(() -> Corpus.of("data.corpus", name))
        .isInstanceOf(InputException.class)
        .hasMessageStartingWith("data.corpus: no DJL data set '" + name + "'")
        .hasMessageEndingWith(
            "; allowed: djl:wikitext-2, djl:penn-treebank, each also with /train, /valid, /test");
  }
}
