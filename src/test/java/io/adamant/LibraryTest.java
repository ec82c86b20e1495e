package io.adamant;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.adamant.results.RunStatus;
import io.adamant.results.RunSummary;
import io.adamant.train.TestRuns;
import java.io.StringWriter;
import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Adamant as a library: compiles and runs the README's Java as it stands there. */
class LibraryTest {

  private static final Pattern EXAMPLE = Pattern.compile("(?s)```java\n(.*?)```");
  private static final Pattern CLASS = Pattern.compile("public final class (\\w+)");

  @TempDir Path folder;
  private URLClassLoader examples;

  @BeforeEach
  void compileTheReadme() throws Exception {
    List<Path> sources = new ArrayList<>();
    Matcher example = EXAMPLE.matcher(Files.readString(Path.of("README.md")));
    while (example.find()) {
      Matcher name = CLASS.matcher(example.group(1));
      assertThat(name.find()).as("a class to compile in: %s", example.group(1)).isTrue();
      Path file = folder.resolve(name.group(1) + ".java");
      sources.add(Files.writeString(file, example.group(1)));
    }
    assertThat(sources).hasSize(2);
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    StringWriter messages = new StringWriter();
    List<String> options =
        List.of(
            "-Xlint:all,-processing",
            "-proc:none",
            "-d",
            folder.toString(),
            "-classpath",
            classPath());
    try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
      var units = files.getJavaFileObjectsFromPaths(sources);
      compiler.getTask(messages, files, null, options, null, units).call();
    }
    assertThat(messages.toString()).isEmpty();
    examples = new URLClassLoader(new URL[] {folder.toUri().toURL()});
  }

  private static String classPath() {
    return System.getProperty("java.class.path");
  }

  @AfterEach
  void close() throws Exception {
    examples.close();
  }

  private Object call(String type, String method, Class<?>[] types, Object... arguments)
      throws Exception {
    Method found = examples.loadClass(type).getDeclaredMethod(method, types);
    found.setAccessible(true);
    return found.invoke(null, arguments);
  }

  @Test
  void signumTrainsSomebodysBlockInDjlsOwnTrainer() throws Exception {
    Class<?>[] types = {int.class};
    assertThat((float) call("TwoRings", "accuracy", types, 1)).isBetween(0.2f, 0.8f);
    assertThat((float) call("TwoRings", "accuracy", types, 40)).isGreaterThan(0.95f);
  }

  @Test
  void aRunBuiltFromRecordsIsWatchedByAHookOfOnesOwn() throws Exception {
    Path run = folder.resolve("run");
    Path corpus = TestRuns.corpus(folder);
    RunSummary summary = train(run, corpus);
    assertThat(summary.status()).isEqualTo(RunStatus.FINISHED);
    assertThat(summary.valLoss()).isLessThan(summary.initValLoss() - 0.5);

    List<Double> seen = new ArrayList<>();
    for (String line : Files.readAllLines(run.resolve("metrics.jsonl"))) {
      JsonNode step = new ObjectMapper().readTree(line);
      assertThat(step.has("largest_head_weight")).isEqualTo(step.path("step").asInt() % 10 == 0);
      if (step.has("largest_head_weight")) {
        seen.add(step.path("largest_head_weight").asDouble());
      }
    }
    assertThat(seen)
        .hasSize(4)
        .allMatch(value -> value > 0.02)
        .isSorted(); // signs only add up here
    assertThat(train(run, corpus)).isEqualTo(summary); // done is done
  }

  private RunSummary train(Path directory, Path corpus) throws Exception {
    Class<?>[] types = {Path.class, String.class};
    return (RunSummary) call("WatchedRun", "train", types, directory, corpus.toString());
  }
}
