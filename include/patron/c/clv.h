/* Lifetime value: what customers will buy, spend and be worth. */
#ifndef PATRON_C_CLV_H_
#define PATRON_C_CLV_H_

#include "patron/c/clv_evaluate.h"
#include "patron/c/clv_fit.h"
#include "patron/c/clv_model.h"
#include "patron/c/clv_predict.h"

#endif /* PATRON_C_CLV_H_ */
