package dev.tributary.vertx.internal.goqueue.client;

import dev.tributary.error.ErrorInfo;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.error.PayloadTooLargeException;
import dev.tributary.stream.Event;
import dev.tributary.vertx.internal.goqueue.wire.Envelope;
import dev.tributary.vertx.internal.goqueue.wire.GoDuration;
import dev.tributary.vertx.internal.goqueue.wire.JsonBuffer;
import dev.tributary.vertx.internal.goqueue.wire.Priorities;
import dev.tributary.vertx.internal.goqueue.wire.Sizes;
import dev.tributary.vertx.internal.goqueue.wire.Text;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/** Messages as the bodies of requests, none larger than the server takes. Not thread-safe. */
final class PublishBody {
  private static final byte[] OPEN = ascii("{\"messages\":[");
  private static final byte[] CLOSE = ascii("]}");
  private static final byte[] COMMA = ascii(",");
  private static final byte[] VALUE = ascii("{\"value\":");
  private static final byte[] KEY = ascii(",\"key\":");
  private static final byte[] PARTITION = ascii(",\"partition\":");
  private static final byte[] DELAY = ascii(",\"delay\":");
  private static final byte[] PRIORITY = ascii(",\"priority\":");
  private static final byte[] END = ascii("}");
  private static final int FRAME = OPEN.length + CLOSE.length;

  private final JsonBuffer json;
  private final List<Request> requests = new ArrayList<>(1);
  private List<Integer> here = new ArrayList<>();

  /** For events of about so many bytes together. */
  PublishBody(int expected) {
    this.json = new JsonBuffer(Math.min(expected, Sizes.REQUEST_BYTES) + FRAME).raw(OPEN);
  }

  /**
   * One more message.
   *
   * @param index the caller's number of it
   * @param partition where it goes; negative to leave that to the server
   * @throws InvalidRequestException if the server could not keep it as it is
   * @throws PayloadTooLargeException if it does not fit into a request
   */
  void add(int index, Event<byte[]> event, int partition) {
    int start = json.size();
    try {
      write(event, partition);
    } catch (InvalidRequestException refused) {
      json.truncate(start);
      throw refused;
    }
    if (json.size() - start + FRAME > Sizes.REQUEST_BYTES) {
      int bytes = json.size() - start;
      json.truncate(start);
      throw new PayloadTooLargeException(
          ErrorInfo.of(
              "a message of " + bytes + " bytes, as it is sent, with a value of " + event.value().length,
              "A request may have " + Sizes.REQUEST_BYTES + ": store it elsewhere and publish where"));
    }
    if (json.size() + CLOSE.length > Sizes.REQUEST_BYTES) {
      byte[] last = json.cut(start);
      finishRequest();
      json.raw(OPEN).raw(last, COMMA.length);
    }
    here.add(index);
  }

  private void write(Event<byte[]> event, int partition) {
    if (!here.isEmpty()) {
      json.raw(COMMA);
    }
    json.raw(VALUE);
    if (Envelope.isBare(event.value(), event.headers())) {
      json.string(event.value());
    } else {
      json.string(Envelope.encode(event.value(), event.headers()));
    }
    String key = event.key();
    if (key != null) {
      json.raw(KEY).string(checked(key));
    }
    if (partition >= 0) {
      json.raw(PARTITION).number(partition);
    }
    if (event.delay() != null) {
      json.raw(DELAY).string(GoDuration.format(event.delay()));
    }
    String priority = Priorities.name(event.priority());
    if (event.priority() != 0) {
      json.raw(PRIORITY).string(priority);
    }
    json.raw(END);
  }

  private static String checked(String key) {
    if (key.isEmpty()) {
      throw InvalidRequestException.of("the key is empty, which is no key here", "Leave it out, or give one");
    }
    return Text.checked("the key", key);
  }

  private void finishRequest() {
    requests.add(new Request(json.raw(CLOSE).take(), here));
    here = new ArrayList<>();
  }

  /** The requests, in order. Nothing is added afterwards. */
  List<Request> finish() {
    if (!here.isEmpty()) {
      finishRequest();
    }
    return requests;
  }

  /** A request with the callers' numbers of its messages. */
  record Request(Supplier<Buffer> body, List<Integer> indexes) {}

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
