package dev.tributary.testkit.server.flymq;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.testkit.server.EmbeddedServer;
import dev.tributary.testkit.server.Quirk;
import dev.tributary.vertx.internal.flymq.wire.Answers;
import dev.tributary.vertx.internal.flymq.wire.ErrorStyle;
import dev.tributary.vertx.internal.flymq.wire.Frame;
import dev.tributary.vertx.internal.flymq.wire.Message;
import dev.tributary.vertx.internal.flymq.wire.Opcode;
import dev.tributary.vertx.internal.flymq.wire.Requests;
import io.netty.buffer.ByteBufUtil;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** All that was ever asked of public servers, nearly: cut at every byte, with turned bits, with more behind it. */
@Timeout(240)
class FlyMqMutationsTest extends FlyMqTopic {
  private static final int HEADER = Frame.HEADER;
  private static final int OPCODE = 2;
  private static final int FLAGS = 3;
  /** Of what is long, or takes its time on purpose as a password does, only some bits are turned, but each of a byte's somewhere. */
  private static final int STEP = 7;

  private static final int STEP_OF_PASSWORDS = 5 * STEP;

  private static final int LONG = 64;

  /** The distinct requests of the vectors, by what they are about. */
  static List<byte[]> requests() {
    List<byte[]> requests = new ArrayList<>();
    for (byte[] request : FlyMqVectors.requests()) {
      if (requests.stream().noneMatch(known -> Arrays.equals(known, request))) {
        requests.add(request);
      }
    }
    return requests;
  }

  private static List<byte[]> mutations(byte[] request) {
    int code = request[2] & 0xff;
    byte[] payload = Arrays.copyOfRange(request, HEADER, request.length);
    List<byte[]> all = new ArrayList<>();
    for (int length = 0; length < payload.length; length++) {
      all.add(FlyMqClient.frame(code, request[3], Arrays.copyOf(payload, length)));
    }
    all.add(FlyMqClient.frame(code, request[3], Arrays.copyOf(payload, payload.length + 9)));
    boolean slow = code == Opcode.AUTH.code() || code == Opcode.PASSWORD_CHANGE.code() || code == Opcode.USER_CREATE.code();
    for (int bit = 0; bit < payload.length * Byte.SIZE; bit += slow ? STEP_OF_PASSWORDS : payload.length > LONG ? STEP : 1) {
      byte[] turned = payload.clone();
      turned[bit / Byte.SIZE] ^= (byte) (1 << bit % Byte.SIZE);
      all.add(FlyMqClient.frame(code, request[3], turned));
    }
    return all;
  }

  private static void assertAnswered(FlyMqClient client, byte[] request) {
    Frame answer = client.receive();
    assertThat(answer).as("to %s", ByteBufUtil.hexDump(request)).isNotNull();
    Opcode opcode = Opcode.of(request[2] & 0xff);
    assertThat(answer.opcode()).isIn(opcode == null ? ErrorStyle.OPCODE : opcode.answerCode(), ErrorStyle.OPCODE);
    assertThat(client.receive().opcode()).isEqualTo(Opcode.WHOAMI.code());
  }

  private static void sendAll(FlyMqClient client, List<byte[]> requests) {
    Thread sender =
        new Thread(
            () -> {
              for (byte[] one : requests) {
                client.send(one);
                client.send(Opcode.WHOAMI, Message.EMPTY);
              }
            });
    sender.start();
    requests.forEach(one -> assertAnswered(client, one));
  }

  private static void assertServes(EmbeddedServer server, FlyMqClient client) {
    assertThat(client.<Answers.Produced>call(Opcode.PRODUCE, FlyMqClient.record("other", "", "v", -1)).partition()).isZero();
    assertThat(server.faults().crashes()).isZero();
  }

  @Test
  void nobodyNeedsToBeKnown() {
    EmbeddedServer server = start();
    for (byte[] request : requests()) {
      sendAll(connect(server), mutations(request));
    }
    assertServes(server, connect(server));
  }

  @Test
  void whatOnlyAnAdministratorMayAskIsAnsweredToo() {
    EmbeddedServer server = startWithUsers();
    FlyMqClient admin = connect(server);
    admin.<Answers.Identity>call(Opcode.AUTH, new Requests.Login("admin", "secret"));
    for (byte[] request : requests()) {
      if ((request[OPCODE] & 0xff) >= Opcode.AUTH.code()) {
        sendAll(admin, mutations(request));
      }
    }
    FlyMqClient again = connect(server);
    assertThat(again.<Answers.Identity>call(Opcode.AUTH, new Requests.Login("admin", "secret")).success()).isTrue();
    assertServes(server, again);
  }

  /** A turned bit in a header is another operation, another compression, another length, or the end. */
  @ParameterizedTest
  @MethodSource("headers")
  void aHeaderMayBeWrongToo(int bit) throws Exception {
    EmbeddedServer server = start();
    int at = bit / Byte.SIZE;
    byte[] request = ByteBufUtil.getBytes(Frame.of(Opcode.PRODUCE, FlyMqClient.record("t", "k", "value", -1)));
    request[at] ^= (byte) (1 << bit % Byte.SIZE);
    FlyMqClient client = connect(server);
    client.send(request);
    if (at == OPCODE || at == FLAGS) {
      assertThat(client.receive()).isNotNull();
    } else {
      client.socket().shutdownOutput();
      Frame answer = client.receive();
      while (answer != null) {
        answer = client.receive();
      }
    }
    assertServes(server, connect(server));
  }

  static List<Integer> headers() {
    return IntStream.range(0, HEADER * Byte.SIZE).boxed().toList();
  }

  /** What would take it down ends one connection, and is counted. */
  @Test
  void aPublicOneWouldNotSurviveThemAll() {
    EmbeddedServer server = start(Quirk.SHIPPED_FLYMQ);
    int ended = 0;
    for (byte[] request : requests()) {
      FlyMqClient client = connect(server);
      for (byte[] one : mutations(request)) {
        client.send(one);
        if (client.receive() == null) {
          ended++;
          client = connect(server);
        }
      }
    }
    assertThat(server.faults().crashes()).isEqualTo(ended).isPositive();
    assertThat(connect(server).<Answers.Produced>call(Opcode.PRODUCE, FlyMqClient.record("other", "", "v", -1)).partition()).isZero();
  }
}
