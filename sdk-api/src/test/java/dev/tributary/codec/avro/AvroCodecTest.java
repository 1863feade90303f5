package dev.tributary.codec.avro;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tributary.codec.avro.records.Team;
import dev.tributary.codec.avro.records.User;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.schema.SchemaFormat;
import java.io.IOException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.generic.GenericRecordBuilder;
import org.junit.jupiter.api.Test;

class AvroCodecTest {
  private static final String USER = record("User", "{\"name\":\"name\",\"type\":\"string\"},{\"name\":\"age\",\"type\":\"int\"}");
  private static final String LATER =
      record(
          "User",
          "{\"name\":\"name\",\"type\":\"string\"},{\"name\":\"age\",\"type\":\"long\"},{\"name\":\"mail\",\"type\":\"string\",\"default\":\"none\"}");

  private static String record(String name, String fields) {
    return "{\"type\":\"record\",\"name\":\"" + name + "\",\"fields\":[" + fields + "]}";
  }

  private static Schema parsed(String definition) {
    return new Schema.Parser().parse(definition);
  }

  private static GenericRecord alice() {
    return new GenericRecordBuilder(parsed(USER)).set("name", "Alice").set("age", 30).build();
  }

  private static dev.tributary.schema.Schema registered(SchemaFormat format, String definition) {
    return new dev.tributary.schema.Schema("user", 1, format, definition, null);
  }

  @Test
  void recordsAreBinaryWithoutTheirSchema() throws Exception {
    AvroCodec<GenericRecord> codec = AvroCodec.of(USER);
    byte[] bytes = codec.encode(alice());
    assertThat(HexFormat.of().formatHex(bytes)).as("a length, five letters, thirty doubled").isEqualTo("0a416c6963653c");
    GenericRecord read = codec.decode(bytes);
    assertThat(read).isEqualTo(alice());
    assertThat(read.get("name")).as("as Java has texts").isEqualTo("Alice");
  }

  @Test
  void keysOfMapsAreTextsToo() throws Exception {
    AvroCodec<GenericRecord> codec = AvroCodec.of(record("R", "{\"name\":\"m\",\"type\":{\"type\":\"map\",\"values\":\"string\"}}"));
    GenericRecord written = new GenericData.Record(parsed(codec.definition()));
    written.put("m", Map.of("k", "v"));
    assertThat(codec.decode(codec.encode(written)).get("m")).isEqualTo(new HashMap<>(Map.of("k", "v")));
  }

  @Test
  void whatAnEarlierSchemaWroteIsRead() throws Exception {
    byte[] bytes = AvroCodec.of(USER).encode(alice());
    for (AvroCodec<GenericRecord> codec :
        List.of(AvroCodec.of(LATER).written(parsed(USER)), AvroCodec.of(LATER).written(registered(SchemaFormat.AVRO, USER)))) {
      GenericRecord read = codec.decode(bytes);
      assertThat(read.get("age")).isEqualTo(30L);
      assertThat(read.get("mail")).isEqualTo("none");
      assertThat(parsed(codec.definition())).isEqualTo(parsed(LATER));
    }
  }

  @Test
  void aSchemaWhoseRecordsCannotBeReadIsRefused() {
    Schema other = parsed(record("User", "{\"name\":\"age\",\"type\":\"int\"}"));
    assertThatThrownBy(() -> AvroCodec.of(USER).written(other)).isInstanceOf(InvalidRequestException.class).hasMessageContaining("name");
  }

  @Test
  void aSchemaOfTheRegistryIsUsedAsItIs() throws Exception {
    AvroCodec<GenericRecord> codec = AvroCodec.of(registered(SchemaFormat.AVRO, USER));
    assertThat(codec.decode(codec.encode(alice()))).isEqualTo(alice());
    assertThat(parsed(codec.definition())).isEqualTo(parsed(USER));
    assertThatThrownBy(() -> AvroCodec.of(registered(SchemaFormat.JSON, "{}"))).isInstanceOf(InvalidRequestException.class).hasMessageContaining("JSON");
  }

  @Test
  void recordsOfAClassAreOfThatClass() throws Exception {
    AvroCodec<User> codec = AvroCodec.of(User.class);
    User user = new User();
    user.put(0, "Alice");
    user.put(1, 30);
    byte[] bytes = codec.encode(user);
    assertThat(bytes).isEqualTo(AvroCodec.of(USER).encode(alice()));
    assertThat(codec.decode(bytes)).isInstanceOf(User.class).isEqualTo(user);
    AvroCodec<Team> teams = AvroCodec.of(Team.class);
    Team team = new Team();
    team.put(0, List.of(user));
    team.put(1, "one for all");
    Team read = teams.decode(teams.encode(team));
    assertThat((List<?>) read.get(0)).first().isInstanceOf(User.class).isEqualTo(user);
    assertThat(read.get(1)).hasToString("one for all");
  }

  @Test
  void whatIsNotTheRecordIsAnError() throws Exception {
    AvroCodec<GenericRecord> codec = AvroCodec.of(USER);
    byte[] bytes = codec.encode(alice());
    assertThatThrownBy(() -> codec.decode(Arrays.copyOf(bytes, bytes.length - 1))).isInstanceOf(IOException.class);
    assertThatThrownBy(() -> codec.decode(Arrays.copyOf(bytes, bytes.length + 1))).hasMessageContaining("another schema");
    assertThatThrownBy(() -> codec.encode(new GenericData.Record(parsed(USER)))).isInstanceOf(RuntimeException.class);
  }

  @Test
  void whatClaimsToBeLargeTakesNoMemory() {
    AvroCodec<GenericRecord> codec = AvroCodec.of(record("R", "{\"name\":\"a\",\"type\":{\"type\":\"array\",\"items\":\"long\"}}"));
    assertThatThrownBy(() -> codec.decode(HexFormat.of().parseHex("8080808008"))).isInstanceOf(IOException.class);
    assertThatThrownBy(() -> AvroCodec.of(USER).decode(HexFormat.of().parseHex("8080808008"))).isInstanceOf(IOException.class);
  }

  @Test
  void whatIsNoSchemaOfARecordIsRefused() {
    for (String definition : new String[] {"", "{", "\"string\"", "{\"type\":\"record\"}"}) {
      assertThatThrownBy(() -> AvroCodec.of(definition)).isInstanceOf(InvalidRequestException.class).hasMessageContaining("Avro");
    }
  }
}
