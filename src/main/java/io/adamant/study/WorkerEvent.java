package io.adamant.study;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonProcessingException;
import io.adamant.base.Json;
import java.util.Optional;

/**
 * What a worker process tells its study process, a line each on its standard output.
 *
 * @param kind what happened
 * @param id of the run
 * @param epoch of the attempt, where one begins
 * @param step steps done
 * @param loss training loss where steps were done, validation loss where the run ended
 * @param tokensPerSecond while steps are done
 * @param seconds of training, where the run ended
 * @param text how it ended, or what to tell a person
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record WorkerEvent(
    @JsonProperty("kind") Kind kind,
    @JsonProperty("id") String id,
    @JsonProperty("epoch") Integer epoch,
    @JsonProperty("step") Long step,
    @JsonProperty("loss") Double loss,
    @JsonProperty("tokens_per_s") Double tokensPerSecond,
    @JsonProperty("seconds") Double seconds,
    @JsonProperty("text") String text) {

  /** What can happen. */
  enum Kind {
    STARTED,
    STEP,
    FOUND,
    ENDED,
    CRASHED,
    ELSEWHERE,
    GIVEN_UP,
    MESSAGE
  }

  private static final String SIGN = "@adamant ";

  static WorkerEvent of(Kind kind, String id, String text) {
    return new WorkerEvent(kind, id, null, null, null, null, null, text);
  }

  String line() {
    return SIGN + Json.line(this);
  }

  /** The event that a line tells; empty for whatever else a process may print. */
  static Optional<WorkerEvent> parse(String line) {
    if (!line.startsWith(SIGN)) {
      return Optional.empty();
    }
    try {
      return Optional.of(Json.MAPPER.readValue(line.substring(SIGN.length()), WorkerEvent.class));
    } catch (JsonProcessingException e) {
      return Optional.empty(); // torn by a kill
    }
  }
}
