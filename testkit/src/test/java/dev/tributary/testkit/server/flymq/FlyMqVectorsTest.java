package dev.tributary.testkit.server.flymq;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.testkit.server.EmbeddedServer;
import dev.tributary.testkit.server.Quirk;
import dev.tributary.vertx.internal.flymq.wire.Answers;
import dev.tributary.vertx.internal.flymq.wire.Deframer;
import dev.tributary.vertx.internal.flymq.wire.ErrorStyle;
import dev.tributary.vertx.internal.flymq.wire.Frame;
import dev.tributary.vertx.internal.flymq.wire.Message;
import dev.tributary.vertx.internal.flymq.wire.Opcode;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What was asked of public servers is asked of this one in their guise, and answered alike. */
class FlyMqVectorsTest extends FlyMqTopic {
  private static final String FIRST_WITH_USERS = "USER_LIST anonymous, auth on (E2)";
  private static final String FIRST_WITHOUT_FEATURES = "TXN_BEGIN, transactions disabled (note the id)";
  private static final String FIRST_OF_RAFT = "raft: CREATE_TOPIC";

  /** Ids of transactions, ids and times of events, texts of another library, and what is said differently on purpose. */
  private static final Set<String> OTHERWISE =
      Set.of(
          "TXN_BEGIN (transactions enabled)",
          "TXN_PRODUCE",
          "TXN_COMMIT",
          "TXN_COMMIT again -> false",
          "TXN_PRODUCE after commit",
          "REGISTER_SCHEMA incompatible (standalone)",
          "VALIDATE_SCHEMA us missing field",
          "PRODUCE_WITH_SCHEMA refused (E1, only with schema validation enabled)",
          "CLUSTER_METADATA one",
          // A place that is kept for what comes later is not given away.
          "PRODUCE_WITH_TTL d1 \"t\" 60000 ms",
          "AUDIT_QUERY type topic.delete limit 10",
          "AUDIT_EXPORT csv",
          "AUDIT_QUERY auth.failure",
          "TXN_BEGIN, transactions disabled (note the id)");

  private static Map<String, List<JsonObject>> parts() {
    Map<String, List<JsonObject>> parts = new LinkedHashMap<>();
    String part = "";
    for (JsonObject vector : FlyMqVectors.all()) {
      String name = vector.getString("name");
      part = Set.of(FIRST_WITH_USERS, FIRST_WITHOUT_FEATURES, FIRST_OF_RAFT).contains(name) ? name : part;
      parts.computeIfAbsent(part, first -> new ArrayList<>()).add(vector);
    }
    return parts;
  }

  @Test
  void standalone() throws Exception {
    run(start(Quirk.SHIPPED_FLYMQ), Objects.requireNonNull(parts().get("")));
  }

  @Test
  void withUsers() throws Exception {
    run(startWithUsers(Quirk.SHIPPED_FLYMQ), Objects.requireNonNull(parts().get(FIRST_WITH_USERS)));
  }

  @Test
  void withoutFeatures() throws Exception {
    run(start(Quirk.SHIPPED_FLYMQ, Quirk.FLYMQ_FEATURES_OFF), Objects.requireNonNull(parts().get(FIRST_WITHOUT_FEATURES)));
  }

  private void run(EmbeddedServer server, List<JsonObject> vectors) throws Exception {
    FlyMqClient client = connect(server);
    Map<String, String> different = new LinkedHashMap<>();
    for (JsonObject vector : vectors) {
      byte[] request = ByteBufUtil.decodeHexDump(vector.getString("request"));
      client.send(request);
      Frame answer = client.receive();
      if (OTHERWISE.contains(vector.getString("name"))) {
        continue;
      }
      String wanted = shown(request, frame(ByteBufUtil.decodeHexDump(vector.getString("answer"))));
      String got = shown(request, answer);
      if (!got.equals(wanted)) {
        different.put(vector.getString("name"), got + " instead of " + wanted);
      }
    }
    assertThat(different.entrySet().stream().map(Object::toString).collect(Collectors.joining("\n"))).isEmpty();
  }

  private static Frame frame(byte[] bytes) throws Exception {
    Deframer deframer = new Deframer(Frame.MOST_BYTES);
    deframer.add(Unpooled.wrappedBuffer(bytes));
    return Objects.requireNonNull(deframer.next());
  }

  /** An answer without what depends on when it was given, and with lists in order. */
  private static String shown(byte[] request, Frame answer) throws Exception {
    Opcode opcode = Opcode.of(request[2] & 0xff);
    if (answer == null || opcode == null || answer.opcode() == ErrorStyle.OPCODE) {
      return FlyMqClient.error(answer);
    }
    Message message = opcode.answer(answer);
    if (message instanceof Answers.Produced p) {
      return new Answers.Produced(p.topic(), p.partition(), p.offset(), 0, p.keySize(), p.valueSize()).toString();
    } else if (message instanceof Answers.User u) {
      return user(u).toString();
    } else if (message instanceof Answers.Users users) {
      return users.users().stream().map(FlyMqVectorsTest::user).map(Object::toString).sorted().toList().toString();
    } else if (message instanceof Answers.Roles roles) {
      return roles.roles().stream().map(Object::toString).sorted().toList().toString();
    }
    return answer.opcode() + ByteBufUtil.hexDump(answer.payload());
  }

  private static Answers.User user(Answers.User u) {
    return new Answers.User(u.user(), u.roles(), u.permissions(), u.enabled(), 0, 0);
  }
}
