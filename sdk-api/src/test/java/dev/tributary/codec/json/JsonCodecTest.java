package dev.tributary.codec.json;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import java.io.IOException;
import java.lang.reflect.Type;
import java.util.List;
import org.junit.jupiter.api.Test;

class JsonCodecTest {
  record Order(String id, int itemCount) {}

  @Test
  void classes() throws Exception {
    JsonCodec<Order> codec = JsonCodec.of(Order.class);
    assertThat(new String(codec.encode(new Order("a", 2)), UTF_8)).isEqualTo("{\"id\":\"a\",\"itemCount\":2}");
    assertThat(codec.decode("{\"itemCount\":2,\"id\":\"a\"}".getBytes(UTF_8))).isEqualTo(new Order("a", 2));
  }

  @Test
  void genericTypes() throws Exception {
    JsonCodec<List<Order>> codec = JsonCodec.of(new TypeReference<List<Order>>() {});
    List<Order> orders = List.of(new Order("a", 1), new Order("b", 2));
    assertThat(codec.decode(codec.encode(orders))).isEqualTo(orders);
  }

  @Test
  void typesThatReflectionKnows() throws Exception {
    Type type = new TypeReference<List<Order>>() {}.getType();
    assertThat(JsonCodec.<List<Order>>of(type).decode("[{\"id\":\"a\"}]".getBytes(UTF_8))).isEqualTo(List.of(new Order("a", 0)));
  }

  @Test
  void aMapperOfOnesOwn() throws Exception {
    ObjectMapper mapper = new ObjectMapper().setPropertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE);
    JsonCodec<Order> codec = JsonCodec.of(mapper, mapper.constructType(Order.class));
    assertThat(new String(codec.encode(new Order("a", 2)), UTF_8)).isEqualTo("{\"id\":\"a\",\"item_count\":2}");
    assertThatThrownBy(() -> codec.decode("{\"more\":1}".getBytes(UTF_8))).isInstanceOf(JacksonException.class);
  }

  @Test
  void unknownPropertiesAreSkipped() throws Exception {
    assertThat(JsonCodec.of(Order.class).decode("{\"id\":\"a\",\"new\":[1]}".getBytes(UTF_8))).isEqualTo(new Order("a", 0));
  }

  @Test
  void whatIsNotAValueIsAnError() {
    JsonCodec<Order> codec = JsonCodec.of(Order.class);
    for (String json : new String[] {"", "{", "[]", "null", "{\"id\":\"a\"} {}"}) {
      assertThatThrownBy(() -> codec.decode(json.getBytes(UTF_8))).as(json).isInstanceOf(IOException.class);
    }
  }
}
