package io.adamant;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Model;
import ai.djl.inference.Predictor;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.translate.NoopTranslator;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.adamant.inference.TrainedModel;
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
    assertThat(sources).hasSize(3);
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

  @Test
  void aTrainedModelIsOneOfDjlsThatContinuesTexts() throws Exception {
    Path run = folder.resolve("run");
    train(run, TestRuns.corpus(folder));
    Class<?>[] types = {Path.class, String.class};
    String text = (String) call("Continued", "text", types, run, "ada bo ");
    assertThat(text).hasSize(40);
    assertThat(call("Continued", "text", types, run, "ada bo ")).isEqualTo(text);
    String one = text.substring(0, 1);
    assertThat((String) call("Continued", "text", types, run, "ada bo " + one))
        .startsWith(text.substring(1)); // the same text, a token further
    try (Model model = TrainedModel.open(run);
        NDManager step = model.getNDManager().newSubManager();
        Predictor<NDList, NDList> logits = model.newPredictor(new NoopTranslator(null))) {
      assertThat(model.getBlock().getParameters().values())
          .hasSize(15)
          .anyMatch(parameter -> parameter.getName().equals("layers.1.mlp.down"));
      NDArray tokens = step.create(new long[] {97, 100, 97, 98, 111, 32}, new Shape(2, 3));
      NDArray found = logits.predict(new NDList(tokens)).singletonOrThrow();
      assertThat(found.getShape()).isEqualTo(new Shape(2, 3, 257));
      NDArray alone = logits.predict(new NDList(tokens.get("1:2"))).singletonOrThrow();
      assertThat(alone.toFloatArray()).containsExactly(found.get("1:2").toFloatArray());
    }
  }

  private RunSummary train(Path directory, Path corpus) throws Exception {
    Class<?>[] types = {Path.class, String.class};
    return (RunSummary) call("WatchedRun", "train", types, directory, corpus.toString());
  }
}
