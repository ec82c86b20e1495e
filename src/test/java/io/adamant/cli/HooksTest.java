package io.adamant.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.adamant.base.InputException;
import io.adamant.config.RunConfig;
import io.adamant.train.StepView;
import io.adamant.train.TrainingHook;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HooksTest {

  @TempDir private Path folder;

  /** A user's hook. */
  public static final class Mine implements TrainingHook {
    @Override
    public boolean wants(long step) {
      return true;
    }

    @Override
    public Map<String, Object> observe(StepView view) {
      return Map.of();
    }
  }

  @Test
  void aRegisteredHookWatchesEveryRunAndEachRunHasItsOwn() throws IOException {
    int before = Hooks.of(RunConfig.defaults()).size();
    List<TrainingHook> one = registered(Mine.class.getName());
    List<TrainingHook> two = registered(Mine.class.getName());
    assertThat(one).hasSize(before + 1);
    assertThat(one.get(before)).isInstanceOf(Mine.class).isNotSameAs(two.get(before));
  }

  @Test
  void oneThatIsNotThereIsOneLine() {
    assertThatThrownBy(() -> registered("mine.Missing"))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("TrainingHook: Provider mine.Missing not found");
  }

  private List<TrainingHook> registered(String name) throws IOException {
    Path services = Files.createDirectories(folder.resolve("META-INF/services"));
    Files.writeString(services.resolve(TrainingHook.class.getName()), name);
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    try (URLClassLoader loader = new URLClassLoader(new URL[] {folder.toUri().toURL()}, before)) {
      thread.setContextClassLoader(loader);
      return Hooks.of(RunConfig.defaults());
    } finally {
      thread.setContextClassLoader(before);
    }
  }
}
