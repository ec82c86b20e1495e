package io.adamant.study;

import io.adamant.base.InputException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Where a worker of a study process trains: one process a device, since DJL's training is sound on
 * one device a process, each with its own share of the processor's threads.
 *
 * @param device such as {@code cuda:1}
 * @param threads of the processor, at least 1
 */
public record Placement(String device, int threads) {

  /**
   * The devices that a configuration means for a whole study: {@code auto} and {@code cuda} are all
   * GPUs of the machine, anything else is itself.
   *
   * @param configured {@code training.device} as written
   * @param gpus that can be used
   * @return at least one
   */
  public static List<String> devices(String configured, int gpus) {
    boolean any = configured.equals("auto") || configured.equals("cuda");
    if (!any) {
      return List.of(configured);
    }
    return gpus == 0
        ? List.of(configured.equals("auto") ? "cpu" : configured)
        : IntStream.range(0, gpus).mapToObj(i -> "cuda:" + i).toList();
  }

  /**
   * Reads {@code --devices}.
   *
   * @param text names parted by commas
   * @return the names, in order
   * @throws InputException if there is none or one is given twice
   */
  public static List<String> parse(String text) {
    List<String> devices = new ArrayList<>();
    for (String name : text.split(",", -1)) {
      if (name.isBlank() || devices.contains(name.strip())) {
        throw InputException.badValue(
            "--devices", text, "names of devices, each once, such as cuda:0,cuda:1");
      }
      devices.add(name.strip());
    }
    return devices;
  }

  /**
   * Places workers: one after the other onto the devices, again from the first when all have one.
   * Threads that do not divide evenly go to the first workers.
   *
   * @param workers at least 1
   * @param devices at least one
   * @param threads of the machine
   * @return a place a worker
   */
  public static List<Placement> of(int workers, List<String> devices, int threads) {
    List<Placement> places = new ArrayList<>();
    for (int i = 0; i < workers; i++) {
      int share = threads / workers + (i < threads % workers ? 1 : 0);
      places.add(new Placement(devices.get(i % devices.size()), Math.max(1, share)));
    }
    return List.copyOf(places);
  }
}
