package dev.tributary.examples

import dev.tributary.codec.Codecs
import dev.tributary.examples.service.InvoiceService
import dev.tributary.kotlin.Tributary
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.StringSpec
import io.kotest.matchers.shouldBe
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.launch
import kotlinx.coroutines.withTimeout
import kotlin.time.Duration.Companion.seconds

class InvoiceServiceSpec :
  StringSpec({
    "an order becomes an invoice that is sent" {
      Tributary.connect("memory:invoices").use { tributary ->
        val sent = CompletableDeferred<String>()
        tributary.stream("orders", Codecs.text()).publish("order 42")
        val service = launch { InvoiceService(tributary) { sent.complete(it) }.run() }
        withClue("the invoice") { withTimeout(20.seconds) { sent.await() } shouldBe "invoice for order 42" }
        service.cancel()
        service.join()
      }
    }
  })
