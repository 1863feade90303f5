package dev.tributary.testkit.server.flowmesh;

import dev.tributary.ResourceName;
import dev.tributary.admin.ResourceKind;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.spi.DeadLetterHeaders;
import java.util.LinkedHashMap;
import java.util.Map;

/** The headers of dead letters, by their names and values on this wire and in the SPI. */
final class DeadLetterNames {
  static final String QUEUE = "x-flowmesh-original-queue";
  static final String JOB = "x-flowmesh-original-job-id";
  static final String FAILED_AT = "x-flowmesh-failed-at";
  static final String ATTEMPTS = "x-flowmesh-attempts";

  private static final String QUEUE_PART = "/" + Catalog.type(ResourceKind.QUEUE) + "/";

  private DeadLetterNames() {}

  static Map<String, String> toWire(Map<String, String> headers) {
    if (!headers.containsKey(DeadLetterHeaders.JOB)) {
      return headers;
    }
    Map<String, String> wire = new LinkedHashMap<>();
    headers.forEach(
        (name, value) -> {
          switch (name) {
            case DeadLetterHeaders.QUEUE -> wire.put(QUEUE, path(value));
            case DeadLetterHeaders.JOB -> wire.put(JOB, value);
            case DeadLetterHeaders.FAILED_AT -> wire.put(FAILED_AT, value);
            case DeadLetterHeaders.ATTEMPTS -> wire.put(ATTEMPTS, counted(value, 2, -1));
            default -> wire.put(name, value);
          }
        });
    return wire;
  }

  static Map<String, String> fromWire(Map<String, String> headers) {
    if (!headers.containsKey(JOB)) {
      return headers;
    }
    Map<String, String> kept = new LinkedHashMap<>();
    headers.forEach(
        (name, value) -> {
          switch (name) {
            case QUEUE -> kept.put(DeadLetterHeaders.QUEUE, value.replaceFirst(QUEUE_PART, "/"));
            case JOB -> kept.put(DeadLetterHeaders.JOB, value);
            case FAILED_AT -> kept.put(DeadLetterHeaders.FAILED_AT, value);
            case ATTEMPTS -> kept.put(DeadLetterHeaders.ATTEMPTS, deliveries(value));
            default -> kept.put(name, value);
          }
        });
    return kept;
  }

  private static String path(String queue) {
    try {
      return Catalog.path(ResourceKind.QUEUE, ResourceName.parse(queue, "default", "default"));
    } catch (InvalidRequestException anything) {
      return queue;
    }
  }

  private static String counted(String number, int times, int more) {
    try {
      return Integer.toString(Math.max(0, Integer.parseInt(number) * times + more));
    } catch (NumberFormatException anything) {
      return number;
    }
  }

  private static String deliveries(String attempts) {
    try {
      return Integer.toString((Integer.parseInt(attempts) + 1) / 2);
    } catch (NumberFormatException anything) {
      return attempts;
    }
  }
}
