package io.adamant.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.engine.EngineException;
import org.junit.jupiter.api.Test;

class DeviceMemoryTest {

  @Test
  void onlyTheEnginesWordsCount() {
    String words = "CUDA out of memory. Tried to allocate 3.07 GiB. GPU 0 has a total capacity of";
    assertThat(DeviceMemory.ranOut(new EngineException(words))).isTrue();
    assertThat(DeviceMemory.ranOut(new EngineException("CUDA error: Out Of Memory"))).isTrue();
    assertThat(DeviceMemory.ranOut(new IllegalStateException("x", new EngineException(words))))
        .isTrue();
    assertThat(DeviceMemory.ranOut(new EngineException("shapes differ"))).isFalse();
    assertThat(DeviceMemory.ranOut(new EngineException((String) null))).isFalse();
    assertThat(DeviceMemory.ranOut(new IllegalStateException(words))).isFalse();
  }

  @Test
  void aCpuHasNoMemoryOfItsOwn() {
    assertThat(DeviceMemory.used(Device.cpu())).isEmpty();
    assertThat(DeviceMemory.identity(Device.cpu())).isEqualTo(CpuFeatures.detect().model());
  }
}
