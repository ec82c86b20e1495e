package io.adamant.parallel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class BindingTest {

  @Test
  void listsOfProcessorsAreRead() {
    assertThat(Binding.processors("\t0-3,8,10-11\n")).containsExactly(0, 1, 2, 3, 8, 10, 11);
    assertThat(Binding.processors("")).isEmpty();
  }

  @Test
  void eachRankGetsNeighbours() {
    List<Integer> all = Binding.processors("0-6");
    assertThat(Binding.share(all, 0, 2)).containsExactly(0, 1, 2);
    assertThat(Binding.share(all, 1, 2)).containsExactly(3, 4, 5);
    assertThat(Binding.share(all, 3, 8)).isEmpty();
    assertThat(Binding.share(List.of(), 0, 2)).isEmpty();
  }
}
