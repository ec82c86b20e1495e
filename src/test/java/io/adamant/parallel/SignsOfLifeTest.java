package io.adamant.parallel;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class SignsOfLifeTest {

  /** The threads that give them once went on without a pause after it. */
  @Test
  void theyAreFewAfterAChangeOfTheirInterval() throws Exception {
    AtomicLong ofRank0 = new AtomicLong();
    AtomicLong ofRank1 = new AtomicLong();
    Coordinator coordinator =
        new Coordinator(0, "", ofRank0::getAndIncrement, () -> {}, reason -> {});
    Thread assembly = Coordinator.daemon("assembly", () -> coordinator.assemble(2));
    InetSocketAddress door =
        new InetSocketAddress(InetAddress.getLoopbackAddress(), coordinator.port());
    try (Member member = new Member(List.of(door), "", 1, ofRank1::getAndIncrement, reason -> {})) {
      assembly.join(30_000);
      coordinator.timeout(Duration.ofMinutes(5));
      coordinator.order("changed");
      assertThat(member.next()).contains("changed");
      Thread.sleep(300);
      assertThat(ofRank0).hasValueLessThan(10);
      assertThat(ofRank1).hasValueLessThan(10);
      coordinator.close(0);
      assertThat(member.next()).isEmpty();
    }
  }
}
