package io.adamant.study;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.adamant.base.InputException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** One worker a device, each with threads of its own; the machines are made up. */
class PlacementTest {

  @Test
  void anOpenDeviceIsEveryGpuAndANamedOneItself() {
    assertThat(Placement.devices("auto", 3)).containsExactly("cuda:0", "cuda:1", "cuda:2");
    assertThat(Placement.devices("cuda", 2)).containsExactly("cuda:0", "cuda:1");
    assertThat(Placement.devices("cuda:1", 3)).containsExactly("cuda:1");
    assertThat(Placement.devices("cpu", 3)).containsExactly("cpu");
    assertThat(Placement.devices("auto", 0)).containsExactly("cpu");
    assertThat(Placement.devices("cuda", 0))
        .as("refused where it is asked for")
        .containsExactly("cuda");
  }

  @Test
  void workersTakeDevicesInTurnAndShareTheThreads() {
    List<String> gpus = List.of("cuda:0", "cuda:1");
    assertThat(Placement.of(2, gpus, 16))
        .containsExactly(new Placement("cuda:0", 8), new Placement("cuda:1", 8));
    assertThat(Placement.of(5, gpus, 8))
        .containsExactly(
            new Placement("cuda:0", 2),
            new Placement("cuda:1", 2),
            new Placement("cuda:0", 2),
            new Placement("cuda:1", 1),
            new Placement("cuda:0", 1));
    assertThat(Placement.of(3, List.of("cpu"), 2)).extracting(Placement::threads).containsOnly(1);
  }

  @Test
  void aListOfDevicesNamesEachOnce() {
    assertThat(Placement.parse("cuda:0, cuda:2")).containsExactly("cuda:0", "cuda:2");
    for (String bad : List.of("", "cuda:0,", "cuda:1,cuda:1")) {
      assertThatThrownBy(() -> Placement.parse(bad))
          .isInstanceOf(InputException.class)
          .hasMessageStartingWith("--devices is " + bad)
          .hasMessageContaining("each once, such as cuda:0,cuda:1");
    }
  }
}
