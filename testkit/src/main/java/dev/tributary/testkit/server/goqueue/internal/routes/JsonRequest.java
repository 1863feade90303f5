package dev.tributary.testkit.server.goqueue.internal.routes;

import dev.tributary.testkit.server.internal.http.HttpCall;
import dev.tributary.vertx.internal.goqueue.wire.Json;

/** Requests in JSON as GoQueue reads it. What is wrong with one is a {@link MalformedBody}, before anything else of it is checked. */
final class JsonRequest {
  private JsonRequest() {}

  /** The body of a request. */
  static <T> T of(HttpCall call, Class<T> type) {
    try {
      return Json.readRequest(call.content(), type);
    } catch (IllegalArgumentException wrong) {
      throw new MalformedBody(String.valueOf(wrong.getMessage()));
    }
  }

  /** A number that the protocol has fewer bits for than its record. */
  static int bounded(String name, long number, long least, long most) {
    if (number < least || number > most) {
      throw new MalformedBody(name + " is " + number + ", not from " + least + " to " + most);
    }
    return (int) number;
  }

  /** A number of 32 bits. */
  static int int32(String name, long number) {
    return bounded(name, number, Integer.MIN_VALUE, Integer.MAX_VALUE);
  }

  /** A number of 16 bits. */
  static int int16(String name, long number) {
    return bounded(name, number, Short.MIN_VALUE, Short.MAX_VALUE);
  }
}
