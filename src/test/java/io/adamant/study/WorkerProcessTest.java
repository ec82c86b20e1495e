package io.adamant.study;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class WorkerProcessTest {

  @Test
  void workersThatWaitLeaveTheCoresToOthersUnlessTheUserSaysOtherwise() {
    Map<String, String> environment = new HashMap<>();
    WorkerProcess.shareCores(environment);
    assertThat(environment).containsEntry("OMP_WAIT_POLICY", "passive");
    environment.put("OMP_WAIT_POLICY", "active");
    WorkerProcess.shareCores(environment);
    assertThat(environment).containsEntry("OMP_WAIT_POLICY", "active");
  }
}
