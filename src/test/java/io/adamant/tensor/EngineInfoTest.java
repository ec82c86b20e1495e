package io.adamant.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.nio.file.Files;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class EngineInfoTest {

  @Test
  void tellsWhatIsLoaded() {
    EngineInfo engine = EngineInfo.detect();

    assertThat(engine.djlVersion()).matches("\\d+\\.\\d+\\.\\d+");
    assertThat(engine.libtorchVersion()).matches("\\d+\\.\\d+\\.\\d+.*");
    assertThat(engine.libtorch().resolve(System.mapLibraryName("torch_cpu")))
        .matches(Files::exists, "is in the folder that libtorch came from");
    assertThat(engine.builtFor()).contains(engine.libtorchVersion());
    assertThat(engine.threads()).isBetween(1, 4096);
  }

  @Test
  void theBundledEngineComputesRight() {
    assertThat(EngineCheck.run(Device.cpu())).isEmpty();
  }

  /** Fast enough for the start of every training: once warm, far below a training step. */
  @Test
  void theCheckCostsMilliseconds() {
    EngineCheck.run(Device.cpu());
    double[] milliseconds = new double[7];
    for (int i = 0; i < milliseconds.length; i++) {
      long begin = System.nanoTime();
      EngineCheck.run(Device.cpu());
      milliseconds[i] = (System.nanoTime() - begin) / 1e6;
    }
    Arrays.sort(milliseconds);
    assertThat(milliseconds[3]).as("median of %s", Arrays.toString(milliseconds)).isLessThan(50);
  }

  /** No training begins on an engine that was not checked. */
  @Test
  void everySessionChecksTheEngine() {
    JavaClasses train =
        new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("io.adamant.train");
    assertThat(
            train.stream()
                .flatMap(type -> type.getMethodCallsFromSelf().stream())
                .filter(call -> call.getTargetOwner().isEquivalentTo(EngineCheck.class))
                .map(call -> call.getOriginOwner().getSimpleName() + "." + call.getName()))
        .containsExactly("Session.require");
  }
}
