package org.example.orders;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.tributary.Tributary;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.schema.SchemaFormat;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.example.orders.OrderService.Order;
import org.junit.jupiter.api.Test;

class OrderServiceTest {
  @Test
  void shipsWhatIsOrdered() throws Exception {
    CompletableFuture<Order> shipped = new CompletableFuture<>();
    try (Tributary tributary = Tributary.connect("memory:orders");
        OrderService service = new OrderService(tributary, order -> {
          shipped.complete(order);
          return CompletableFuture.completedFuture(null);
        })) {
      service.order(new Order("42", 3)).get(20, TimeUnit.SECONDS);

      assertEquals(new Order("42", 3), shipped.get(20, TimeUnit.SECONDS));
    }
  }

  @Test
  void saysWhatJsonSchemaNeeds() {
    try (Tributary tributary = Tributary.connect("memory:schemas")) {
      var registered = tributary.schemas().register("orders", SchemaFormat.JSON, "{}");

      var failure = assertThrows(ExecutionException.class, () -> registered.get(20, TimeUnit.SECONDS));

      var refused = assertInstanceOf(InvalidRequestException.class, failure.getCause());
      assertEquals("Add com.networknt:json-schema-validator 1.5", refused.hint());
    }
  }
}
