package io.adamant.parallel;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class CoordinatorTest {

  private final BlockingQueue<String> lost = new LinkedBlockingQueue<>();
  private final BlockingQueue<String> lostByMembers = new LinkedBlockingQueue<>();
  private final BlockingQueue<String> stops = new LinkedBlockingQueue<>();
  private final AtomicLong waiting = new AtomicLong();
  private final AtomicLong waitingOfRank1 = new AtomicLong();
  private final List<Member> members = new ArrayList<>();
  private Coordinator coordinator;

  @BeforeEach
  void open() {
    coordinator = new Coordinator(0, "secret", waiting::get, () -> stops.add("stop"), lost::add);
  }

  @AfterEach
  void close() {
    coordinator.close(0);
    members.forEach(Member::close);
  }

  private void join(int size) {
    for (int rank = 1; rank < size; rank++) {
      AtomicLong own = rank == 1 ? waitingOfRank1 : waiting;
      List<InetSocketAddress> addresses =
          List.of(InetSocketAddress.createUnresolved("127.0.0.1", coordinator.port()));
      members.add(new Member(addresses, "secret", rank, own::get, lostByMembers::add));
    }
    coordinator.assemble(size);
  }

  private static String soon(BlockingQueue<String> queue) throws InterruptedException {
    return queue.poll(20, TimeUnit.SECONDS);
  }

  @Test
  void ordersReachAllAndAnswersComeInOrderOfRanks() {
    join(3);
    assertThat(coordinator.sharing()).isEqualTo(3);
    coordinator.order("do");
    for (int i = members.size() - 1; i >= 0; i--) {
      assertThat(members.get(i).next()).contains("do");
      members.get(i).answer("done by " + (i + 1));
    }
    assertThat(coordinator.answers()).containsExactly("done by 1", "done by 2");
    coordinator.close(75);
    assertThat(members.get(0).next()).isEmpty();
    assertThat(members.get(0).exitCode()).isEqualTo(75);
    assertThat(lost).isEmpty();
  }

  @Test
  void aSignalToAMemberAsksAll() throws InterruptedException {
    join(2);
    members.get(0).askToStop();
    assertThat(soon(stops)).isEqualTo("stop");
  }

  @Test
  void aMemberThatFailsIsNamedAndTheOthersAreEnded() throws InterruptedException {
    join(3);
    new Thread(() -> members.get(1).fail("out of memory")).start();
    assertThat(soon(lost)).startsWith("rank 2 (").endsWith("): out of memory");
    assertThat(soon(lostByMembers)).isEmpty();
  }

  /** Its connection breaks, as when the process is killed. */
  @Test
  void aMemberThatIsGoneIsNamed() throws Exception {
    try (Socket socket = raw("secret 1 here:0 host, process 7")) {
      coordinator.assemble(2);
      assertThat(lost).isEmpty();
    }
    assertThat(soon(lost)).isEqualTo("rank 1 (host, process 7) has ended without a word");
  }

  /** It is connected and says nothing, as when the process is stopped. */
  @Test
  void aMemberThatIsSilentIsNamed() throws Exception {
    try (Socket socket = raw("secret 1 here:0 host, process 7")) {
      coordinator.assemble(2);
      coordinator.timeout(Duration.ofMillis(300));
      assertThat(soon(lost))
          .isEqualTo("rank 1 (host, process 7) has given no sign of life for 0.3 s");
    }
  }

  @Test
  void whoeverKeepsAnExchangeWaitingIsNamed() throws InterruptedException {
    join(3);
    coordinator.timeout(Duration.ofMillis(500));
    waiting.set(10_000); // rank 0 and rank 2
    assertThat(soon(lost))
        .startsWith("rank 1 (")
        .contains("has not come to an exchange of tensors");
  }

  @Test
  void anExchangeThatAllWaitInHangs() throws InterruptedException {
    join(2);
    waitingOfRank1.set(10_000);
    coordinator.timeout(Duration.ofMillis(500));
    TimeUnit.MILLISECONDS.sleep(300); // rank 1 has told how long it waits
    waiting.set(10_000);
    assertThat(soon(lost)).isEqualTo("an exchange of tensors has not ended for 0.5 s");
  }

  @Test
  void aMemberNoticesThatRank0IsGone() throws InterruptedException {
    join(2);
    coordinator.abort("for a test");
    assertThat(soon(lostByMembers)).isEmpty(); // rank 0 has said why
  }

  @Test
  void whoeverKnowsNoTokenIsNoRank() throws Exception {
    try (Socket wrong = raw("guess 1 here:0 host, process 7");
        Socket right = raw("secret 1 here:0 host, process 8")) {
      coordinator.assemble(2);
      right.close();
      assertThat(soon(lost)).contains("process 8");
    }
  }

  private Socket raw(String hello) throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), coordinator.port());
    new Link(socket).send(Link.Kind.HELLO, hello);
    return socket;
  }
}
