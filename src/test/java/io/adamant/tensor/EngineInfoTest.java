package io.adamant.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import java.nio.file.Files;
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
}
