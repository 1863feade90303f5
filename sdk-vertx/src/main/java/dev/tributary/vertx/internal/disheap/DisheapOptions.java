package dev.tributary.vertx.internal.disheap;

import dev.tributary.config.ClientConfig;
import dev.tributary.config.Endpoint;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.vertx.internal.disheap.proto.Mode;
import dev.tributary.vertx.internal.net.Network;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What only Disheap can be told; see {@link DisheapProvider}.
 *
 * @param http the HTTP addresses of the endpoints, one for each in their order; empty if not told
 * @param fanOut whether what is not replicated goes to every endpoint
 * @param mode of heaps that are made without saying, and that the server does not tell about
 * @param maxPriority the largest priority, and the smallest with a minus
 */
record DisheapOptions(List<Endpoint> http, boolean fanOut, Mode mode, long maxPriority) {
  private static final int HTTP_PORT = 8_080;
  private static final long MAX_PRIORITY = 1_000_000;
  private static final Set<String> KNOWN = Set.of("http", "fan-out", "mode", "max-priority");

  /** Refuses what cannot be meant. */
  static DisheapOptions of(ClientConfig config) {
    Map<String, String> given = config.options();
    Set<String> unknown = new TreeSet<>(given.keySet());
    unknown.removeAll(KNOWN);
    if (!unknown.isEmpty()) {
      throw InvalidRequestException.of(
          "unknown option disheap." + unknown.iterator().next(), "Known are disheap." + String.join(", disheap.", new TreeSet<>(KNOWN)));
    }
    return new DisheapOptions(
        http(config, given.get("http")),
        flag("disheap.fan-out", given.getOrDefault("fan-out", "false")),
        mode("disheap.mode", given.getOrDefault("mode", "max")),
        number("disheap.max-priority", given.getOrDefault("max-priority", Long.toString(MAX_PRIORITY)), 0, Integer.MAX_VALUE));
  }

  private static List<Endpoint> http(ClientConfig config, @Nullable String given) {
    List<Endpoint> addresses = new ArrayList<>();
    for (String address : given == null ? new String[0] : given.split(",", -1)) {
      Endpoint http;
      try {
        http = Endpoint.parse(address.strip()).orPort(HTTP_PORT);
      } catch (InvalidRequestException noAddress) {
        throw InvalidRequestException.of(
            "disheap.http=" + given + " is not host:port[,host:port]", "Write disheap.http=localhost:8080 for instance");
      }
      Network.requireConfidential(config, http);
      addresses.add(http);
    }
    if (given != null && addresses.size() != config.endpoints().size()) {
      throw InvalidRequestException.of(
          "disheap.http names " + addresses.size() + " addresses for " + config.endpoints().size() + " endpoints",
          "Name one for each endpoint, in their order");
    }
    return List.copyOf(addresses);
  }

  static boolean flag(String name, String value) {
    return switch (value) {
      case "true" -> true;
      case "false" -> false;
      default -> throw InvalidRequestException.of(name + "=" + value + " is neither true nor false", "Write true or false");
    };
  }

  static Mode mode(String name, String value) {
    return switch (value.toLowerCase(Locale.ROOT)) {
      case "max" -> Mode.MAX;
      case "min" -> Mode.MIN;
      default -> throw InvalidRequestException.of(
          name + "=" + value + " is neither max nor min", "Write max for heaps whose largest number comes first, as it does in queues");
    };
  }

  static long number(String name, String value, long least, long most) {
    try {
      long number = Long.parseLong(value);
      if (number >= least && number <= most) {
        return number;
      }
    } catch (NumberFormatException none) {
      // Refused below, as every other number that is not meant.
    }
    throw InvalidRequestException.of(name + "=" + value + " is not a number from " + least + " to " + most, "Write one of these");
  }
}
