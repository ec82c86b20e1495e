package io.adamant.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.engine.Engine;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class NativeLibrariesTest {

  @Test
  void findsBridgeRuntimeAndTorchAmongOthers() {
    NativeLibraries libraries =
        NativeLibraries.parse(
            List.of(
                "7f1-7f2 r-xp 00000000 08:01 1   /lib/x86_64-linux-gnu/libc.so.6",
                "7f2-7f3 r--p 00000000 08:01 2   /c/2.7.1-cu128-linux-x86_64/0.35.1-libdjl_torch.so",
                "7f3-7f4 r-xp 00000000 08:01 2   /c/2.7.1-cu128-linux-x86_64/0.35.1-libdjl_torch.so",
                "7f4-7f5 r-xp 00000000 08:01 3   /t o/libtorch_cuda.so",
                "7f5-7f6 r-xp 00000000 08:01 4   /t o/libtorch_python.so",
                "7f6-7f7 r-xp 00000000 08:01 5   /usr/local/cuda/libcudart.so.12.4.127",
                "7f7-7f8 rw-p 00000000 00:00 0   [heap]"));

    assertThat(libraries.files()).hasSize(5);
    assertThat(libraries.jni())
        .contains(Path.of("/c/2.7.1-cu128-linux-x86_64/0.35.1-libdjl_torch.so"));
    assertThat(libraries.cudaRuntime()).contains(Path.of("/usr/local/cuda/libcudart.so.12.4.127"));
    assertThat(libraries.libtorch()).containsExactly(Path.of("/t o/libtorch_cuda.so"));
  }

  @Test
  void thisProcessHasLoadedTheBridge() {
    Engine.getInstance();

    NativeLibraries libraries = NativeLibraries.detect();

    assertThat(libraries.jni().orElseThrow()).isRegularFile();
    assertThat(libraries.libtorch())
        .extracting(file -> file.getFileName().toString())
        .contains("libtorch_cpu.so", "libc10.so");
    assertThat(libraries.cudaRuntime().isPresent())
        .as("DJL can tell a runtime's version where one is loaded")
        .isEqualTo(CudaView.detect().runtime().isPresent());
  }
}
