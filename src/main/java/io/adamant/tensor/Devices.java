package io.adamant.tensor;

import ai.djl.Device;
import io.adamant.base.InputException;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * From the word in a configuration to a device. DJL itself falls back to the CPU without a word; a
 * run that asks for CUDA must get CUDA or hear why not.
 */
public final class Devices {

  private static final String KEY = "training.device";
  private static final Pattern DEVICE = Pattern.compile("auto|cpu|cuda(:\\d{1,4})?");

  private Devices() {}

  /**
   * The device for this machine.
   *
   * @param device {@code auto} (the first GPU if one can be used), {@code cpu}, {@code cuda} (the
   *     first GPU) or {@code cuda:N}
   * @return the device
   * @throws InputException if the word is not one of these, or this machine cannot offer that
   *     device; the message says why
   */
  public static Device select(String device) {
    // A run on the CPU must not depend on what else the machine has.
    return device.equals("cpu") ? Device.cpu() : select(device, CudaView.detect());
  }

  /**
   * The device for a machine.
   *
   * @param device as for {@link #select(String)}
   * @param cuda what the machine offers
   * @return the device
   * @throws InputException as for {@link #select(String)}
   */
  public static Device select(String device, CudaView cuda) {
    requireKnown(device);
    Optional<String> obstacle = cuda.obstacle();
    if (device.equals("cpu") || (device.equals("auto") && obstacle.isPresent())) {
      return Device.cpu();
    } else if (device.equals("auto")) {
      return Device.gpu(0);
    } else if (obstacle.isPresent()) {
      throw InputException.badValue(KEY, device, "auto or cpu, because " + obstacle.get());
    }
    int index = index(device);
    if (index >= cuda.gpus()) {
      String last = cuda.gpus() == 1 ? "" : " to cuda:" + (cuda.gpus() - 1);
      throw InputException.badValue(
          KEY, device, "auto, cpu or cuda:0" + last + " (GPUs seen: " + cuda.gpus() + ")");
    }
    return Device.gpu(index);
  }

  /**
   * The GPU of one of several processes of a machine, each of which takes one.
   *
   * @param local number of the process on its machine, from 0
   * @return the GPU of that number; the first one where this process sees no other, as launchers
   *     arrange it by {@code CUDA_VISIBLE_DEVICES}
   * @throws InputException if there is none, or there are fewer than processes
   */
  public static Device ofRank(int local) {
    return ofRank(local, CudaView.detect());
  }

  /** The same for a machine. */
  static Device ofRank(int local, CudaView cuda) {
    Optional<String> obstacle = cuda.obstacle();
    if (obstacle.isPresent()) {
      throw InputException.badValue(KEY, "cuda", "cpu on this machine, because " + obstacle.get());
    }
    if (cuda.gpus() > 1 && local >= cuda.gpus()) {
      throw new InputException(
          "a rank of local number %s (numbered from 0) finds %s GPUs on its machine, and each rank takes one: start fewer ranks there"
              .formatted(local, cuda.gpus()));
    }
    return Device.gpu(cuda.gpus() == 1 ? 0 : local);
  }

  /**
   * Refuses what is not the name of a device on any machine.
   *
   * @param device the word
   * @throws InputException if it is not {@code auto}, {@code cpu}, {@code cuda} or {@code cuda:N}
   */
  public static void requireKnown(String device) {
    if (!DEVICE.matcher(device).matches()) {
      throw InputException.badValue(KEY, device, "auto, cpu, cuda or cuda:N");
    }
  }

  private static int index(String device) {
    return device.equals("cuda") ? 0 : Integer.parseInt(device.substring("cuda:".length()));
  }
}
